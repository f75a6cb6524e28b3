import type { ContainerPlan, MountPointPlan } from "../plan/containers.ts";
import type { BuiltContainer, BuiltMountPoint } from "../state/built.ts";
import { doneOnNode, renderCommands, type RefusedEdit } from "./edit.ts";

/** Refuses edits of a container that the provider would only do by deleting it, or that fail on the way. */
export function checkContainer(plan: ContainerPlan, built: BuiltContainer): RefusedEdit[] {
  return [
    ...checkNode(plan, built),
    ...checkPrivileges(plan, built),
    ...checkRootDisk(plan, built),
    ...plan.mountPoints.flatMap((wanted) => checkMountPoint(plan, wanted, built)),
    ...checkMissing(plan, built),
  ];
}

function checkNode({ name, node }: ContainerPlan, built: BuiltContainer): RefusedEdit[] {
  if (node === built.node) return [];
  const migrate = { node: built.node, command: `pct migrate ${built.vmid} ${node} --restart` };
  return [
    {
      path: ["containers", name, "node"],
      problem: `The container ${name} is on ${built.node}. The provider cannot move it: it would delete it there and create an empty one on ${node}.`,
      remedy: `Let Proxmox VE move it (with a restart; add --target-storage if its storage has another name there):\n  ${renderCommands([migrate])}\nThen run npm run pulumi -- refresh, npm run adopt, and npm run up.`,
    },
  ];
}

function checkPrivileges({ name, unprivileged }: ContainerPlan, built: BuiltContainer): RefusedEdit[] {
  if (built.unprivileged === undefined || unprivileged === built.unprivileged) return [];
  const [is, becomes] = built.unprivileged ? ["unprivileged", "privileged"] : ["privileged", "unprivileged"];
  return [
    {
      path: ["containers", name, "privileged"],
      problem: `The container ${name} was created ${is}, and is ${is} for good: all of its files belong to other user IDs.`,
      remedy: `Write privileged: ${String(!built.unprivileged)} again. A ${becomes} one is made by restoring a backup (pct restore with --unprivileged ${built.unprivileged ? "0" : "1"}) under another VMID, as another entry.`,
    },
  ];
}

function checkRootDisk({ name, vmid, node, disk }: ContainerPlan, { rootDisk }: BuiltContainer): RefusedEdit[] {
  const path = ["containers", name, "disk"];
  if (rootDisk === undefined) return [];
  if (disk.storage !== rootDisk.storage) {
    const problem = `The root disk of the container ${name} is on ${rootDisk.storage}.`;
    const command = whileStopped(vmid, `pct move-volume ${vmid} rootfs ${disk.storage} --delete 1`);
    const cost = `with a restart and a copy of ${rootDisk.sizeGib} GiB`;
    return [doneOnNode([...path, "storage"], problem, { guest: name, cost, commands: [{ node, command }] })];
  }
  return disk.sizeGib < rootDisk.sizeGib ? [shrunk([...path, "size"], `root disk of ${name}`, rootDisk.sizeGib)] : [];
}

function checkMountPoint(
  { name, vmid, node }: ContainerPlan,
  wanted: MountPointPlan,
  { mountPoints }: BuiltContainer,
): RefusedEdit[] {
  if (mountPoints === undefined) return [];
  const { slot, path, storage, sizeGib, backup } = wanted;
  const at = ["containers", name, "volumes", slot];
  const there = mountPoints.find((candidate) => candidate.path === path);
  const set = (volume: string) => `pct set ${vmid} --${slot} ${volume},mp=${path},backup=${backup ? 1 : 0}`;
  const work = (cost: string, command: string) => ({ guest: name, cost, commands: [{ node, command }] });
  if (there === undefined) {
    const problem = `The container ${name} has no volume at ${path} yet.`;
    return [doneOnNode(at, problem, work("without a restart", set(`${storage}:${sizeGib}`)))];
  }
  if (there.storage !== storage) {
    const problem = `The volume ${path} of ${name} is on ${there.storage}.`;
    const cost = `with a restart and a copy of ${there.sizeGib} GiB`;
    const move = whileStopped(vmid, `pct move-volume ${vmid} ${slot} ${storage} --delete 1`);
    return [doneOnNode([...at, "storage"], problem, work(cost, move))];
  }
  if (sizeGib < there.sizeGib) return [shrunk([...at, "size"], `volume ${path} of ${name}`, there.sizeGib)];
  if (sizeGib > there.sizeGib) {
    const problem = `The volume ${path} of ${name} has ${there.sizeGib} GiB.`;
    const resize = `pct resize ${vmid} ${slot} ${sizeGib}G`;
    return [doneOnNode([...at, "size"], problem, work("without a restart", resize))];
  }
  if (backup !== there.backup) {
    const problem = `The volume ${path} of ${name} is ${there.backup ? "" : "not "}in its backups.`;
    const volume = `"$(pct config ${vmid} | sed -n 's/^${slot}: \\([^,]*\\).*/\\1/p')"`;
    return [doneOnNode([...at, "backup"], problem, work("without a restart", set(volume)))];
  }
  return [];
}

/** A command that needs the container stopped; it starts again whatever comes of the command. */
function whileStopped(vmid: number, command: string): string {
  return `(pct shutdown ${vmid} && ${command}; ended=$?; pct start ${vmid} && exit $ended)`;
}

/** A volume that the state has and the inventory lacks. */
function checkMissing({ name, vmid, node, mountPoints }: ContainerPlan, built: BuiltContainer): RefusedEdit[] {
  return (built.mountPoints ?? [])
    .filter(({ path }) => !mountPoints.some((wanted) => wanted.path === path))
    .map((volume: BuiltMountPoint) => ({
      path: ["containers", name, "volumes"],
      problem: `The container ${name} has a volume at ${volume.path} (${volume.sizeGib} GiB on ${volume.storage}) that the inventory lacks. The provider would delete the container with all its volumes and create an empty one.`,
      remedy: `Put the lines back. To detach the volume and keep its data as an unused disk:\n  ${renderCommands([{ node, command: `pct set ${vmid} --delete mp… (the slot that pct config ${vmid} shows for ${volume.path})` }])}\nThen run npm run pulumi -- refresh, and npm run up again.`,
    }));
}

/** Proxmox VE makes no disk smaller. */
export function shrunk(path: readonly string[], what: string, sizeGib: number): RefusedEdit {
  return {
    path,
    problem: `The ${what} has ${sizeGib} GiB, and Proxmox VE makes no disk smaller.`,
    remedy: `Write ${sizeGib} GiB again.`,
  };
}
