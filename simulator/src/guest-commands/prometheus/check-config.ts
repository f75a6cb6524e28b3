import { posix } from "node:path";
import { z } from "zod";
import { findPaths, isPattern } from "../../shell/pattern.ts";
import { absolute } from "../../shell/programs/paths.ts";
import type { Call } from "../../shell/machine.ts";
import { GoYamlError, readGoYaml } from "../go-yaml.ts";
import { configurationShape } from "./shapes.ts";

const Configuration = z.looseObject({
  rule_files: z.array(z.coerce.string()).nullish(),
  scrape_configs: z
    .array(
      z.looseObject({
        job_name: z.coerce.string().default(""),
        static_configs: z.array(z.object({ targets: z.array(z.coerce.string()).nullish() })).nullish(),
      }),
    )
    .nullish(),
});

type Job = NonNullable<z.infer<typeof Configuration>["scrape_configs"]>[number];

/** A configuration that Prometheus does not take, in promtool's words. */
export class ConfigurationError extends Error {}

/**
 * Reads a configuration, and tells which files of rules it names.
 * @throws {ConfigurationError} where it is wrong
 */
export function checkConfiguration(call: Call, path: string): string[] {
  const jobs: Job[] = [];
  const rules: string[] = [];
  try {
    const text = call.machine.files.read(absolute(call, path)).toString();
    const configuration = Configuration.parse(readGoYaml(text, configurationShape));
    jobs.push(...(configuration.scrape_configs ?? []));
    rules.push(...(configuration.rule_files ?? []));
  } catch (error) {
    if (error instanceof GoYamlError) throw new ConfigurationError(`parsing YAML file ${path}: ${error.message}`);
    throw error;
  }
  const problem = problemOf(jobs);
  if (problem !== undefined) throw new ConfigurationError(`parsing YAML file ${path}: ${problem}`);
  return rules.flatMap((rule) =>
    findRules(call, posix.isAbsolute(rule) ? rule : posix.join(posix.dirname(path), rule)),
  );
}

function problemOf(jobs: readonly Job[]): string | undefined {
  const names = jobs.map(({ job_name }) => job_name);
  if (names.includes("")) return "job_name is empty";
  const targets = jobs.flatMap(({ static_configs }) => (static_configs ?? []).flatMap(({ targets }) => targets ?? []));
  const wrong = targets.find((target) => target.includes("/"));
  if (wrong !== undefined) return `"${wrong}" is not a valid hostname`;
  const repeated = names.find((name, index) => names.indexOf(name) < index);
  return repeated === undefined ? undefined : `found multiple scrape configs with job name "${repeated}"`;
}

/** Only what is no pattern has to be there. */
function findRules({ machine: { files }, folder }: Call, path: string): string[] {
  const found = findPaths(files, folder, [{ text: path, quoted: false }]);
  if (found.length === 0 && !isPattern([{ text: path, quoted: false }]))
    throw new ConfigurationError(`"${path}" does not point to an existing file`);
  return found;
}
