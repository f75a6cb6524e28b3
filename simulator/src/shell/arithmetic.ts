import { CommandError } from "./machine.ts";

const levels: readonly (readonly string[])[] = [
  ["||"],
  ["&&"],
  ["|"],
  ["^"],
  ["&"],
  ["==", "!="],
  ["<=", ">=", "<", ">"],
  ["<<", ">>"],
  ["+", "-"],
  ["*", "/", "%"],
];

/** Computes what is in `$((…))`; names stand for variables. */
export function calculate(text: string, variable: (name: string) => string): number {
  const tokens = text.match(/\d+|[A-Za-z_]\w*|&&|\|\||[=!<>]=|<<|>>|\*\*|\+\+|--|[^\s]/g) ?? [];
  let position = 0;
  const fail = () => new CommandError(`arithmetic expression: expecting primary: "${text}"`, 2);

  function ternary(): number {
    const condition = binary(0);
    if (tokens[position] !== "?") return condition;
    position++;
    const yes = ternary();
    if (tokens[position++] !== ":") throw fail();
    const no = ternary();
    return condition === 0 ? no : yes;
  }

  function binary(level: number): number {
    const operators = levels[level];
    if (operators === undefined) return unary();
    let left = binary(level + 1);
    for (let operator = tokens[position]; operator !== undefined && operators.includes(operator);) {
      position++;
      left = apply(operator, left, binary(level + 1));
      operator = tokens[position];
    }
    return left;
  }

  function unary(): number {
    const token = tokens[position++];
    if (token === "-") return -unary();
    if (token === "+") return unary();
    if (token === "!") return unary() === 0 ? 1 : 0;
    if (token === "~") return ~unary();
    if (token === "(") {
      const value = ternary();
      if (tokens[position++] !== ")") throw fail();
      return value;
    }
    if (token !== undefined && /^\d/.test(token)) return /^0\d/.test(token) ? parseInt(token, 8) : Number(token);
    if (token !== undefined && /^\w/.test(token)) return calculate(variable(token) || "0", variable);
    throw fail();
  }

  const value = tokens.length === 0 ? 0 : ternary();
  if (position < tokens.length) throw fail();
  return value;
}

function apply(operator: string, left: number, right: number): number {
  switch (operator) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "/":
    case "%":
      if (right === 0) throw new CommandError("arithmetic expression: division by zero", 2);
      return operator === "%" ? left % right : Math.trunc(left / right);
    case "<<":
      return left << right;
    case ">>":
      return left >> right;
    case "&":
      return left & right;
    case "^":
      return left ^ right;
    case "|":
      return left | right;
    default:
      return compare(operator, left, right) ? 1 : 0;
  }
}

function compare(operator: string, left: number, right: number): boolean {
  switch (operator) {
    case "==":
      return left === right;
    case "!=":
      return left !== right;
    case "<":
      return left < right;
    case "<=":
      return left <= right;
    case ">":
      return left > right;
    case ">=":
      return left >= right;
    case "&&":
      return left !== 0 && right !== 0;
    default:
      return left !== 0 || right !== 0;
  }
}
