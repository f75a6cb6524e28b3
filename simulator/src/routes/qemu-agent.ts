import { ApiError, notImplemented } from "../api-error.ts";
import type { Context, Handlers } from "../handlers.ts";
import { agentQueries, requireAgent } from "../qemu/agent.ts";
import { commandStatus, startCommand } from "../qemu/agent-exec.ts";
import { hashPassword } from "../qemu/settings.ts";
import { putFile, textOf } from "../qemu/guest-system.ts";
import { stopMachine } from "../qemu/power.ts";
import type { Guest } from "../state/guest.ts";
import type { World } from "../world.ts";

interface Target {
  readonly node: string;
  readonly vmid: number;
}

/** PVE::API2::Qemu::Agent reads this much of a file at most. */
const longestRead = 16 * 2 ** 20;

/** QEMU's guest agent: what virtual machines say of themselves, and do for others. */
export const qemuAgentHandlers: Handlers = {
  "POST /nodes/{node}/qemu/{vmid}/agent": ({ node, vmid, command }, context) => ask(context, { node, vmid }, command),
  "POST /nodes/{node}/qemu/{vmid}/agent/exec": ({ node, vmid, command, "input-data": input }, { world }) => ({
    pid: startCommand(world, requireAgent(world, node, vmid), command, input),
  }),
  "GET /nodes/{node}/qemu/{vmid}/agent/exec-status": ({ node, vmid, pid }, { world }) => {
    const { "out-data": out, "err-data": err, ...status } = commandStatus(requireAgent(world, node, vmid), pid);
    return {
      ...status,
      ...(out === undefined ? {} : { "out-data": asLatin1(out) }),
      ...(err === undefined ? {} : { "err-data": asLatin1(err) }),
    };
  },
  "POST /nodes/{node}/qemu/{vmid}/agent/ping": query("ping"),
  "GET /nodes/{node}/qemu/{vmid}/agent/info": query("info"),
  "GET /nodes/{node}/qemu/{vmid}/agent/get-fsinfo": query("get-fsinfo"),
  "GET /nodes/{node}/qemu/{vmid}/agent/get-host-name": query("get-host-name"),
  "GET /nodes/{node}/qemu/{vmid}/agent/get-memory-block-info": query("get-memory-block-info"),
  "GET /nodes/{node}/qemu/{vmid}/agent/get-memory-blocks": query("get-memory-blocks"),
  "GET /nodes/{node}/qemu/{vmid}/agent/get-osinfo": query("get-osinfo"),
  "GET /nodes/{node}/qemu/{vmid}/agent/get-time": query("get-time"),
  "GET /nodes/{node}/qemu/{vmid}/agent/get-timezone": query("get-timezone"),
  "GET /nodes/{node}/qemu/{vmid}/agent/get-users": query("get-users"),
  "GET /nodes/{node}/qemu/{vmid}/agent/get-vcpus": query("get-vcpus"),
  "GET /nodes/{node}/qemu/{vmid}/agent/network-get-interfaces": query("network-get-interfaces"),
  "POST /nodes/{node}/qemu/{vmid}/agent/fsfreeze-freeze": query("fsfreeze-freeze"),
  "POST /nodes/{node}/qemu/{vmid}/agent/fsfreeze-status": query("fsfreeze-status"),
  "POST /nodes/{node}/qemu/{vmid}/agent/fsfreeze-thaw": query("fsfreeze-thaw"),
  "POST /nodes/{node}/qemu/{vmid}/agent/fstrim": query("fstrim"),
  "POST /nodes/{node}/qemu/{vmid}/agent/shutdown": query("shutdown"),
  "GET /nodes/{node}/qemu/{vmid}/agent/file-read": (
    { node, vmid, file, count, offset = 0, decode = true },
    { world },
  ) => {
    const { inside } = requireAgent(world, node, vmid);
    const entry = inside.files[file];
    if (entry === undefined) throw openError(file, "r", "No such file or directory");
    if (entry.kind === "folder") throw openError(file, "r", "Is a directory");
    const all = Buffer.from(entry.content, "base64");
    const part = all.subarray(offset, offset + Math.min(count ?? longestRead, longestRead));
    return {
      content: decode ? part.toString("latin1") : part.toString("base64"),
      "bytes-read": part.length,
      ...(offset + part.length < all.length ? { truncated: 1 as const } : {}),
    };
  },
  "POST /nodes/{node}/qemu/{vmid}/agent/file-write": ({ node, vmid, file, content, encode = true }, { world }) => {
    const { inside } = requireAgent(world, node, vmid);
    const folder = file.slice(0, file.lastIndexOf("/")) || "/";
    const known = folder === "/" || inside.files[folder]?.kind === "folder";
    if (!known) throw openError(file, "wb", "No such file or directory");
    const data = encode ? Buffer.from(content) : Buffer.from(content, "base64");
    const mode = inside.files[file]?.mode ?? 0o666;
    putFile(inside, file, data, { now: world.seconds(), mode });
    return null;
  },
  "POST /nodes/{node}/qemu/{vmid}/agent/set-user-password": (parameters, { world }) => {
    const { node, vmid, username, password, crypted = false } = parameters;
    const { inside } = requireAgent(world, node, vmid);
    if (!new RegExp(`^${escape(username)}:`, "m").test(textOf(inside, "/etc/passwd"))) {
      throw new ApiError(500, "Agent error: child process has failed to set user password");
    }
    const others = textOf(inside, "/etc/shadow")
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith(`${username}:`));
    const line = `${username}:${crypted ? password : hashPassword(password)}:20000:0:99999:7:::`;
    putFile(inside, "/etc/shadow", `${[...others, line].join("\n")}\n`, { now: world.seconds(), mode: 0o640 });
    return { result: {} };
  },
};

function query(name: string) {
  return (target: Target, context: Context) => ask(context, target, name);
}

function ask({ world }: Context, { node, vmid }: Target, name: string): { result: unknown } {
  const guest = requireAgent(world, node, vmid);
  const answer = agentQueries[name] ?? agentActions[name];
  if (answer === undefined) throw notImplemented("POST", `/nodes/${node}/qemu/${vmid}/agent/${name}`);
  return { result: answer(world, guest) };
}

const agentActions: Readonly<Record<string, (world: World, guest: Guest) => unknown>> = {
  "fsfreeze-freeze": (_world, { inside }) => {
    inside.frozen = true;
    return 1;
  },
  "fsfreeze-status": (_world, { inside }) => (inside.frozen === true ? "frozen" : "thawed"),
  "fsfreeze-thaw": (_world, { inside }) => {
    const thawed = inside.frozen === true ? 1 : 0;
    delete inside.frozen;
    return thawed;
  },
  fstrim: () => ({ paths: [{ path: "/", minimum: 0, trimmed: 0 }] }),
  shutdown: (world, guest) => {
    stopMachine(world, guest, () => undefined);
    return {};
  },
};

/** Proxmox VE decodes Base64 only, and answers with each byte as a character. */
function asLatin1(text: string): string {
  return Buffer.from(text).toString("latin1");
}

function openError(file: string, mode: string, problem: string): ApiError {
  return new ApiError(500, `Agent error: failed to open file '${file}' (mode: '${mode}'): ${problem}`);
}

function escape(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
