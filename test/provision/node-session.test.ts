import { startSimulator, type Simulator } from "@proxmox-homelab/simulator";
import { afterAll, beforeAll, expect, test } from "vitest";
import { NodeSession } from "../../src/provision/node-session.ts";

let simulator: Simulator;
let session: NodeSession;

beforeAll(async () => {
  simulator = await startSimulator();
  const [node] = simulator.ssh;
  if (node === undefined) throw new Error("The simulator has no node.");
  const { host: address, port, privateKey } = node;
  session = await NodeSession.open({ address, port, privateKey, username: "root", hostKey: undefined });
});

afterAll(async () => {
  session.close();
  await simulator.close();
});

test("what a command tells arrives whole, whatever its letters", async () => {
  // Of three bytes each, so that no packet ends with the end of a letter.
  const text = `${"€".repeat(100_000)}\n`;
  const { code, stdout } = await session.run("cat", text);
  expect(code).toBe(0);
  expect(stdout === text).toBe(true);
});
