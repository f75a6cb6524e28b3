import { CommandError, PlainError, type Program } from "../../shell/machine.ts";
import { readOptions } from "../../shell/options.ts";
import { absolute } from "../../shell/programs/paths.ts";
import { GoYamlError, readGoYaml } from "../go-yaml.ts";
import { probeModulesShape } from "./shapes.ts";

/** `prometheus-blackbox-exporter --config.check`: reads the modules, and ends. */
export const blackboxExporter: Program = (call) => {
  const { given } = readOptions(call.args, "", ["config.check", "config.file="]);
  if (!given.has("config.check"))
    throw new CommandError(
      "the simulator runs it as a service only: systemctl start prometheus-blackbox-exporter",
      127,
    );
  const path = given.get("config.file") ?? "blackbox.yml";
  const say = (level: string, message: string) =>
    `time=${call.machine.now().toISOString()} level=${level} source=main.go msg=${message}\n`;
  const refuse = (reason: string) =>
    new PlainError(say("ERROR", `"Error loading config" err=${JSON.stringify(reason)}`).trimEnd(), 1);
  const { files } = call.machine;
  if (!files.exists(absolute(call, path)))
    throw refuse(`error reading config file: open ${path}: no such file or directory`);
  try {
    readGoYaml(files.read(absolute(call, path)).toString(), probeModulesShape);
  } catch (error) {
    if (error instanceof GoYamlError) throw refuse(`error parsing config file: ${error.message}`);
    throw error;
  }
  call.err(say("INFO", '"Config file is ok exiting..."'));
  return 0;
};
