import type { Simulator } from "@proxmox-homelab/simulator";
import { expect } from "vitest";
import { onNode } from "../../src/provision/on-node.ts";
import type { ProjectCopy } from "./project.ts";
import { runScript } from "./run-script.ts";

/** What `npm run up` ended with, all that it printed, and the requests that change something. */
export interface UpResult {
  readonly code: number;
  readonly text: string;
  readonly writes: readonly string[];
}

/** Runs `npm run up -- --yes` on the demo's stack. */
export async function runUp(
  project: ProjectCopy,
  simulator: Simulator,
  options: readonly string[] = [],
): Promise<UpResult> {
  const before = simulator.requests.length;
  const args = ["scripts/up.ts", "--stack", "demo", "--yes", "--non-interactive", "--color", "never", ...options];
  const { code, output, messages } = await runScript(project.folder, args, process.env);
  const writes = simulator.requests.slice(before).filter(({ method }) => method !== "GET");
  return { code, text: `${output}${messages}`, writes: writes.map(({ method, path }) => `${method} ${path}`) };
}

/** Runs a command on a node over SSH, as a user does who was told to; it has to succeed without a complaint. */
export async function runOnNode({ ssh }: Simulator, node: string, command: string): Promise<void> {
  const nodes = new Map(
    ssh.map(({ node: name, host: address, port }) => [name, { address, port, hostKey: undefined }]),
  );
  const [{ privateKey } = { privateKey: "" }] = ssh;
  const done = await onNode(node, { username: "root", privateKey, nodes }, (session) => session.run(command, ""));
  expect(done).toMatchObject({ kind: "done", value: { code: 0, stderr: "" } });
}
