import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { ReadApi } from "./read-api.ts";

const Tasks = z.array(
  z.object({
    upid: z.string(),
    node: z.string(),
    type: z.string(),
    id: z.string().optional(),
    user: z.string(),
    tokenid: z.string().optional(),
    endtime: z.number().optional(),
  }),
);

/** How often in a row, a second apart, a server may fail to tell its tasks before that is taken for its answer. */
const patience = 5;

/**
 * Waits for the tasks that a token has started: a killed run ends, but what it has set off on a node goes on.
 * @returns those that have not come to an end; by default they get the time that a large image takes
 */
export async function waitForTasks(
  api: Pick<ReadApi, "read">,
  apiToken: string,
  say: (text: string) => void,
  milliseconds = 15 * 60_000,
): Promise<string[]> {
  const owner = apiToken.split("=")[0] ?? "";
  const end = Date.now() + milliseconds;
  let refusals = 0;
  for (let told = ""; ;) {
    const running = await runningTasks(api, owner);
    if (running === undefined) {
      // Whoever goes on not telling tasks will not tell resources either, and say why.
      if (++refusals === patience || Date.now() > end) return [];
      await sleep(1000);
      continue;
    }
    refusals = 0;
    if (running.length === 0 || Date.now() > end) return running;
    const list = running.map((task) => `  ${task}\n`).join("");
    if (list !== told) say(`What it has set off goes on; waiting for\n${list}`);
    told = list;
    await sleep(1000);
  }
}

/** Who may not read others' tasks reads their own all the same; undefined where nobody tells. */
async function runningTasks(api: Pick<ReadApi, "read">, owner: string): Promise<string[] | undefined> {
  const reading = await api.read("/cluster/tasks", Tasks);
  if (reading.kind === "refused") return undefined;
  return reading.value
    .filter(({ endtime, user, tokenid }) => {
      return endtime === undefined && owner === (tokenid === undefined ? user : `${user}!${tokenid}`);
    })
    .map(({ type, id = "", node }) => [type, id, "on", node].filter((part) => part !== "").join(" "));
}
