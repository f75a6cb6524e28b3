import type { ChildProcess } from "node:child_process";

/** Ends an engine whose run takes too long, as somebody at a terminal would, and at last in any case. */
export function endEngine(child: ChildProcess): void {
  // The first lets the engine begin nothing more, the second lets it not wait for what goes on.
  child.kill("SIGINT");
  const timers = [setTimeout(() => child.kill("SIGINT"), 2000), setTimeout(() => child.kill("SIGKILL"), 60_000)];
  child.on("exit", () => {
    timers.forEach(clearTimeout);
  });
}
