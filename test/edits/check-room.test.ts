import { expect, test } from "vitest";
import { checkRoom } from "../../src/edits/check-room.ts";

const gib = 2 ** 30;
const workOf = (guest: string, storage: string, sizeGib: number) => ({
  ...{ guest, urn: guest, cost: "with a restart", commands: [{ node: "pve-01", command: `pct migrate ${guest}` }] },
  needs: [{ node: "pve-02", storage, sizeGib }],
});

test.each([
  ["there is room", 100, [workOf("grafana", "fast", 64)], 0],
  ["there is just enough", 64, [workOf("grafana", "fast", 64)], 0],
  ["one has no room", 63, [workOf("grafana", "fast", 64)], 1],
  ["two have room for one of them only", 100, [workOf("grafana", "fast", 64), workOf("influxdb", "fast", 64)], 2],
  ["they go to different storages", 100, [workOf("grafana", "fast", 64), workOf("influxdb", "slow", 64)], 0],
  ["nothing is copied", 0, [{ ...workOf("grafana", "fast", 64), needs: [] }], 0],
])("%s", (_title, free, works, refused) => {
  expect(checkRoom(works, () => free * gib)).toHaveLength(refused);
});

test("a storage of which nothing is known is left to Proxmox VE", () => {
  expect(checkRoom([workOf("grafana", "fast", 64)], () => undefined)).toEqual([]);
});

test("a storage that is not active is named", () => {
  expect(checkRoom([workOf("grafana", "fast", 64)], () => "not active")).toEqual([
    "fast is not active on pve-02, and up to 64 GiB are to go there, of grafana among others. Look at it there: pvesm status",
  ]);
});

test("the message names storage, node, figures, and the command for someone who knows better", () => {
  const [message] = checkRoom([workOf("grafana", "fast", 64)], () => 12.5 * gib);
  expect(message).toContain("fast on pve-02 has 12 GiB free, and up to 64 GiB are to go there");
  expect(message).toContain("on pve-01: pct migrate grafana");
});
