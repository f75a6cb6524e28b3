import { CommandError, PlainError, type Call, type Program } from "../../shell/machine.ts";
import { absolute } from "../../shell/programs/paths.ts";
import { checkConfiguration, ConfigurationError } from "./check-config.ts";
import { checkRules } from "./check-rules.ts";

/** `promtool check config` and `promtool check rules`: what is in the files is read as Prometheus reads it, queries excepted. */
export const promtool: Program = (call) => {
  const [group, command, ...paths] = call.args;
  const checks = { config: checkConfigurations, rules: checkRuleFiles };
  if (group !== "check" || (command !== "config" && command !== "rules") || paths.some((path) => path.startsWith("-")))
    throw new CommandError(`the simulator does not know 'promtool ${call.args.join(" ")}'`, 127);
  if (command === "config" && paths.length === 0)
    throw new PlainError("promtool: error: required argument 'config-files' not provided, try --help", 1);
  const missing = paths.find((path) => !call.machine.files.exists(absolute(call, path)));
  if (missing !== undefined) throw new PlainError(`promtool: error: path '${missing}' does not exist, try --help`, 1);
  return checks[command](call, paths);
};

function checkConfigurations(call: Call, paths: readonly string[]): number {
  let failed = false;
  const rules: string[] = [];
  for (const path of paths) {
    call.out(`Checking ${path}\n`);
    try {
      const found = checkConfiguration(call, path);
      if (found.length > 0) call.out(`  SUCCESS: ${found.length} rule files found\n`);
      call.out(` SUCCESS: ${path} is valid prometheus config file syntax\n`);
      rules.push(...found);
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      call.err(`  FAILED: ${error.message}\n`);
      failed = true;
    }
    call.out("\n");
  }
  return checkRuleFiles(call, rules, "     ") > 0 || failed ? 1 : 0;
}

function checkRuleFiles(call: Call, paths: readonly string[], indent = ""): number {
  let failed = false;
  for (const path of paths) {
    call.out(`Checking ${path}\n`);
    const found = checkRules(call.machine.files.read(absolute(call, path)).toString());
    if ("count" in found) call.out(`  SUCCESS: ${found.count} rules found\n`);
    else {
      call.err(`  FAILED:\n${found.problems.map((problem) => `${indent}${path}: ${problem}\n`).join("")}`);
      failed = true;
    }
    call.out("\n");
  }
  return failed ? 1 : 0;
}
