import type { Task } from "../state/cluster.ts";
import type { World } from "../world.ts";

/** One line of a node's journal. */
export interface JournalEntry {
  /** Seconds since 1970. */
  readonly time: number;
  readonly unit: string;
  readonly line: string;
}

/** What a node has logged: that it has booted, and its tasks. */
export function journalOf(world: World, name: string): JournalEntry[] {
  const { bootedAt, timezone } = world.node(name);
  const entry = (time: number, unit: string, message: string): JournalEntry => ({
    time,
    unit,
    line: `${stamp(time, timezone)} ${name} ${message}`,
  });
  const tasks = Object.values(world.state.tasks).filter(({ node }) => node === name);
  return [
    entry(bootedAt, "systemd", "systemd[1]: Reached target multi-user.target - Multi-User System."),
    ...tasks.flatMap((task) => [
      entry(task.starttime, "pvedaemon", `pvedaemon[1024]: <${task.user}> starting task ${task.upid}`),
      ...endOf(task).map(({ time, outcome }) =>
        entry(time, "pvedaemon", `pvedaemon[1024]: <${task.user}> end task ${task.upid} ${outcome}`),
      ),
    ]),
  ].sort((a, b) => a.time - b.time);
}

function endOf({ endtime, exitstatus = "unexpected status" }: Task): { time: number; outcome: string }[] {
  return endtime === undefined ? [] : [{ time: endtime, outcome: exitstatus }];
}

/** `Jan 01 13:00:00`, as syslog has it. */
function stamp(time: number, timeZone: string): string {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone,
    month: "short",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  }).formatToParts(new Date(time * 1000));
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.find((candidate) => candidate.type === type)?.value ?? "";
  return `${part("month")} ${part("day")} ${part("hour")}:${part("minute")}:${part("second")}`;
}
