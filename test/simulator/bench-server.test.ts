import { fork } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { expect, test } from "vitest";

const project = resolve(import.meta.dirname, "../..");

test(
  "what the benchmark measures starts as the simulator itself does, and ends with who measures",
  { timeout: 60_000 },
  async () => {
    const server = fork("toolchain/run.mjs", ["--no-setup", "simulator/bench/server.ts", "3"], { cwd: project });
    const ended = once(server, "exit") as Promise<[number | null]>;
    const [ready] = (await once(server, "message")) as [object];
    expect(ready).toMatchObject({
      url: expect.stringMatching(/^https:\/\/127\.0\.0\.1:\d+\/$/) as string,
      startMilliseconds: expect.any(Number) as number,
      resetMilliseconds: expect.any(Number) as number,
    });
    server.disconnect();
    expect(await ended).toEqual([0, null]);
  },
);
