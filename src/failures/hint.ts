import type { Failure } from "./failed-run.ts";
import { placeOf } from "./place-of.ts";

interface Cause {
  readonly words: RegExp;
  readonly hint: (place: {
    readonly node: string;
    readonly vmid: number | undefined;
    readonly program: string;
  }) => string;
}

const causes: readonly Cause[] = [
  {
    words: /can't lock file|is locked \(|got timeout|lock request timeout|cfs[- ]lock/,
    hint: ({ node, vmid, program }) =>
      `Something else holds the lock, such as a backup or a migration: wait for its end in the list of tasks of ${node}.` +
      (vmid === undefined ? "" : ` Where no task runs, a dead one has left it: ${program} unlock ${vmid}, on ${node}.`),
  },
  {
    words: /HTTP 401|HTTP 403|[Pp]ermission/,
    hint: () => "The token may not do this: npm run doctor names what it lacks.",
  },
  {
    words: /out of space|[Nn]o space left|not enough space|quota exceeded/,
    hint: ({ node }) =>
      `Make room on ${node}, or choose another storage in the inventory: npm run doctor shows what is free.`,
  },
  {
    words: /HTTP (?:502|503|504|59\d)/,
    hint: ({ node }) =>
      `Proxmox VE did not answer in time, but may have done it. Look at its services on ${node}: ` +
      "systemctl status pveproxy pvedaemon corosync",
  },
  {
    words: /EOF|connection re(?:set|fused)|deadline exceeded|timeout while|i\/o timeout|no such host|no route to host/,
    hint: ({ node }) =>
      `The connection was lost or the answer did not come; it may have been done all the same. Look at ${node} with: npm run doctor`,
  },
  { words: /UPID:/, hint: ({ node }) => `Put right what the task's log says; on ${node} journalctl tells more.` },
];

/** Says what to do about the cause of a failure, before anything is run again. */
export function hintFor(failure: Failure, { taskFailed }: { readonly taskFailed: boolean }): string {
  const { lookup, nodes, vmid } = placeOf(failure);
  const node = nodes.length === 0 ? "the node of the endpoint" : nodes.join(" and ");
  const program = lookup !== undefined && "type" in lookup && lookup.type === "lxc" ? "pct" : "qm";
  if (failure.isCutOff) {
    if (failure.word === "step")
      return `See what still goes on there, in processes and journal of ${failure.within?.name ?? node}.`;
    return (
      `See whether ${node} answers, with npm run doctor, and what still runs there, in its list of tasks; where nothing answers: ` +
      "systemctl restart pvedaemon pveproxy"
    );
  }
  const cause = causes.find(({ words }) => words.test(failure.message));
  if (cause !== undefined) return cause.hint({ node, vmid, program });
  if (failure.word === "step") return "Put right what its output says.";
  if (taskFailed) return `Put right what the task's log says; on ${node} journalctl tells more.`;
  return `Put right what Proxmox VE says; on ${node} more is told by: journalctl -u pvedaemon -u pveproxy --since=-1h`;
}
