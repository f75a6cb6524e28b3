import { z } from "zod";
import { differenceOf } from "../what-is-there.ts";
import type { FaultCase } from "./cases.ts";
import { findUnrecorded } from "./find-unrecorded.ts";
import type { FaultLab, Said } from "./lab.ts";

/** How a run came through a fault. */
export const Outcome = z.object({
  title: z.string(),
  /** The kind of fault that befell it. */
  fault: z.string(),
  kind: z.enum(["succeeded", "stopped", "not met"]),
  /** What is wrong with it: what the error does not say, or what was left. */
  bad: z.array(z.string()).readonly(),
  /** What the run has said, for whoever looks into it. */
  said: z.string(),
});
export type Outcome = z.infer<typeof Outcome>;

/**
 * Lets a fault befall an `up`, takes the fault away, does what the error says, and expects what an untroubled run has made.
 * @param untroubled the fingerprint of such a run
 */
export async function tryCase(
  lab: FaultLab,
  { title, fault, kind, pattern }: FaultCase,
  untroubled: string,
): Promise<Outcome> {
  lab.reset();
  lab.simulator.faults.add(fault);
  const first = await lab.up();
  const struck = lab.simulator.faults.list().reduce((sum, active) => sum + active.struck, 0);
  lab.simulator.faults.clear();
  if (struck === 0)
    return { title, fault: kind, kind: "not met", bad: ["The run makes no such request."], said: first.output };
  const isStopped = first.code !== 0;
  const unrecorded = findUnrecorded(lab.initial, lab.server(), lab.knownIds());
  const bad = isStopped ? missingWords(first.output, { kind, path: pattern.path, unrecorded }) : [];
  let said = first.output;
  if (isStopped) {
    const again = await followSteps(lab, first.output);
    said += again.output;
    if (again.code !== 0) bad.push("What the error says to do does not lead on.");
  }
  if (bad.length === 0) {
    const drift = await lab.pulumi("refresh", "--preview-only", "--expect-no-changes");
    if (drift.code !== 0) bad.push(`The state is not what is there: ${changedLines(drift.output)}`);
    const difference = differenceOf(untroubled, lab.fingerprint());
    if (difference !== "") bad.push(`The server is not as an untroubled run leaves it: ${difference}`);
  }
  return { title, fault: kind, kind: isStopped ? "stopped" : "succeeded", bad, said };
}

const waiting = /^Still waiting for the \S.*: \S+ since \d\d:\d\d:\d\d, \d+ seconds by now\.$/m;

/** What the words of a run that stopped lack. */
export function missingWords(
  output: string,
  { kind, path, unrecorded }: { readonly kind: string; readonly path: string; readonly unrecorded: readonly string[] },
): string[] {
  const start = output.indexOf("What could not be done, and what is there of it");
  if (start === -1) return ["It does not say what could not be done."];
  const block = output.slice(start);
  // What is retried may be answered at last; only what goes on and on ends this way.
  if (output.includes("the run is stopped") && !waiting.test(output)) return ["It does not say what it waits for."];
  const unmentioned = unrecorded.filter((words) => !block.includes(words));
  const needed: [RegExp, string][] = [
    [/^1\. \S.*: \S+ failed\.$/m, "It names nothing that failed."],
    [/^ {3}What to do: \S/m, "It does not say what to do."],
    [/^ {3}On the server: \S/m, "It does not say what is there of it."],
    [/^Then, in this order:\n[^]*^ {2}npm run /m, "It does not say how to go on."],
  ];
  if (/\/(?:lxc|qemu)/.test(path))
    needed.push([/^\d+\. .*\(VMID \d+\) on pve-0[12]: /m, "It does not name guest, VMID and node."]);
  else if (path.startsWith("/nodes/*")) needed.push([/^\d+\. .* on pve-0[12]: /m, "It does not name the node."]);
  if (kind === "task fails")
    needed.push([/^ {5,}\| TASK ERROR: the disk of the test is full/m, "It does not show the task's log."]);
  return [
    ...needed.flatMap(([words, lack]) => (words.test(block) ? [] : [lack])),
    ...unmentioned.map((words) => `It does not mention that there is: ${words}.`),
  ];
}

/** Runs the commands that an error ends with, in their order. */
async function followSteps(lab: FaultLab, output: string): Promise<Said> {
  const commands = [
    ...output.slice(output.lastIndexOf("Then, in this order:")).matchAll(/^ {2}npm run (\S+) -- (.*)$/gm),
  ];
  let said = "";
  let code = 1;
  for (const [line, script = "", given = ""] of commands) {
    const args = given.split(" ").map((word) => word.replace(/^'(.*)'$/, "$1"));
    const options =
      script === "adopt"
        ? ["--yes", "--out", "/dev/null"]
        : ["--yes", "--skip-preview", "--non-interactive", "--color", "never"];
    const result = await lab.run(script, [...args, ...options]);
    said += `\n\n$${line}\n${result.output}`;
    // Adopt ends with 1 where something differs, and has imported all the same.
    if (result.code !== 0 && !(script === "adopt" && result.code === 1)) return { code: result.code, output: said };
    code = 0;
  }
  return { code, output: said };
}

function changedLines(output: string): string {
  return output
    .split("\n")
    .filter((line) => /^ [~+-]/.test(line))
    .join("; ");
}
