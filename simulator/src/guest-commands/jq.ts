import { PlainError, type Program } from "../shell/machine.ts";
import { readData } from "../shell/programs/paths.ts";
import { runJq } from "./run-jq.ts";

/** `jq` itself, compiled to WebAssembly; of its files it only gets what it may read here. */
export const jqProgram: Program = async (call) => {
  const flags: string[] = [];
  const operands: string[] = [];
  const rest = [...call.args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === "--arg" || arg === "--argjson") flags.push(arg, rest.shift() ?? "", rest.shift() ?? "");
    else if (arg === "--rawfile")
      flags.push("--arg", rest.shift() ?? "", String(await readData(call, rest.shift() ?? "")));
    else if (arg.startsWith("-")) flags.push(arg);
    else operands.push(arg);
  }
  const [filter = ".", ...files] = operands;
  const inputs = flags.some((flag) => /^-[a-z]*n/.test(flag) || flag === "--null-input")
    ? []
    : files.length > 0
      ? files
      : ["-"];
  let text = "";
  for (const input of inputs) text += String(await readData(call, input));
  // What has no input has no output either; the package would refuse it.
  if (text.trim() === "" && inputs.length > 0) return 0;
  const answer = await runJq(text === "" ? "null" : text, filter, flags).catch((error: unknown) => {
    throw new PlainError(`jq: error: ${error instanceof Error ? error.message : String(error)}`, 5);
  });
  if (answer !== "") call.out(answer.endsWith("\n") ? answer : `${answer}\n`);
  return 0;
};
