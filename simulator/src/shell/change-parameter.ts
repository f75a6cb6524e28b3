import { expandPieces, expandText, type ExpandContext } from "./expand.ts";
import { ExpansionError } from "./machine.ts";
import { patternSource } from "./pattern.ts";
import type { ParameterChange } from "./syntax.ts";

/** `${name:-word}`, `${name%pattern}` and their kin. */
export async function changeParameter(
  context: ExpandContext,
  name: string,
  value: string | undefined,
  { operator, word, replacement }: ParameterChange,
): Promise<string> {
  const { state } = context;
  const missing = value === undefined || (operator.startsWith(":") && value === "");
  switch (operator) {
    case "length":
      return String(value?.length ?? 0);
    case ":-":
    case "-":
      return missing ? expandText(context, word) : value;
    case ":=":
    case "=": {
      if (!missing) return value;
      const text = await expandText(context, word);
      state.variables.set(name, text);
      return text;
    }
    case ":+":
    case "+":
      return missing ? "" : expandText(context, word);
    case ":?":
    case "?": {
      if (!missing) return value;
      throw new ExpansionError(`${name}: ${(await expandText(context, word)) || "parameter null or not set"}`, 2);
    }
    case "#":
    case "##": {
      const pattern = patternSource(await expandPieces(context, word), { greedy: operator === "##" });
      return (value ?? "").replace(new RegExp(`^${pattern}`), "");
    }
    case "%":
      return removeSuffix(value ?? "", patternSource(await expandPieces(context, word)), false);
    case "%%":
      return removeSuffix(value ?? "", patternSource(await expandPieces(context, word)), true);
    case "/":
    case "//": {
      const pattern = patternSource(await expandPieces(context, word));
      const text = replacement === undefined ? "" : await expandText(context, replacement);
      return (value ?? "").replace(new RegExp(pattern, operator === "//" ? "g" : ""), () => text);
    }
  }
}

function removeSuffix(value: string, pattern: string, longest: boolean): string {
  const expression = new RegExp(`^${pattern}$`);
  const lengths = Array.from({ length: value.length + 1 }, (_, index) => index);
  const keep = (longest ? lengths : lengths.reverse()).find((length) => expression.test(value.slice(length)));
  return keep === undefined ? value : value.slice(0, keep);
}
