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

/** The variables that names in an expression stand for. */
export interface Variables {
  readonly get: (name: string) => string;
  readonly set: (name: string, value: string) => void;
}

/** Computes what is in `$((…))`. */
export function calculate(text: string, variables: Variables): number {
  const tokens =
    text.match(/0x[\da-f]+|\d+|[A-Za-z_]\w*|&&|\|\||(?:<<|>>)=|[-=!<>+*/%&|^]=|<<|>>|\*\*|\+\+|--|[^\s]/gi) ?? [];
  let position = 0;
  const fail = () => new CommandError(`arithmetic expression: expecting primary: "${text}"`, 2);

  function ternary(): number {
    const [name = "", operator = ""] = tokens.slice(position);
    if (/^[A-Za-z_]/.test(name) && /^(?:[-+*/%&|^]|<<|>>)?=$/.test(operator)) {
      position += 2;
      const right = ternary();
      const before = operator === "=" ? 0 : Number(variables.get(name) || 0);
      const value = operator === "=" ? right : apply(operator.slice(0, -1), before, right);
      variables.set(name, String(value));
      return value;
    }
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
    if (token !== undefined && /^\w/.test(token)) return calculate(variables.get(token) || "0", variables);
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
