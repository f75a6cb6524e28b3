import { expect, test } from "vitest";
import { runJq } from "../../simulator/src/guest-commands/run-jq.ts";

test("jq runs as often as it is called", async () => {
  for (let run = 0; run < 400; run += 1) expect(await runJq(`{"run":${run}}`, ".run", [])).toBe(String(run));
  await expect(runJq("{", ".run", [])).rejects.toThrow("parse error");
});
