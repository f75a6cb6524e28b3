import type { ContainerPlan, MountPointPlan } from "../plan/containers.ts";
import type { BuiltContainer } from "../state/built.ts";
import { checkNode, type MovedGuest } from "./check-node.ts";
import { doneOnNode, type RefusedEdit } from "./edit.ts";

/** Refuses edits of a container that the provider would only do by deleting it, or that fail on the way. */
export function checkContainer(plan: ContainerPlan, built: BuiltContainer): RefusedEdit[] {
  return [
    ...checkPrivileges(plan, built),
    // It is moved with the volumes that it has; what else is to become of them is done on the other node.
    ...(plan.node === built.node
      ? [
          ...checkRootDisk(plan, built),
          ...plan.mountPoints.flatMap((wanted) => checkMountPoint(plan, wanted, built)),
          ...checkMissing(plan, built),
        ]
      : checkNode(movedContainer(plan, built))),
  ];
}

function movedContainer({ name, node, disk, mountPoints }: ContainerPlan, built: BuiltContainer): MovedGuest {
  const volumes = [
    ...(built.rootDisk === undefined ? [] : [{ ...built.rootDisk, to: disk.storage }]),
    ...(built.mountPoints ?? []).map((volume) => {
      const wanted = mountPoints.find(({ path }) => path === volume.path);
      return { ...volume, to: wanted?.storage ?? volume.storage };
    }),
  ];
  return {
    ...{ name, node, built },
    volumes: volumes.map(({ storage: from, to, sizeGib }) => ({ from, to, sizeGib })),
  };
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

function checkRootDisk({ name, vmid, node, disk }: ContainerPlan, { urn, rootDisk }: BuiltContainer): RefusedEdit[] {
  const path = ["containers", name, "disk"];
  if (rootDisk === undefined) return [];
  if (disk.storage !== rootDisk.storage) {
    const problem = `The root disk of the container ${name} is on ${rootDisk.storage}.`;
    const command = whileStopped(vmid, `pct move-volume ${vmid} rootfs ${disk.storage} --delete 1`);
    const cost = `with a restart and a copy of ${rootDisk.sizeGib} GiB`;
    return [
      doneOnNode([...path, "storage"], problem, {
        ...{ guest: name, urn, cost, commands: [{ node, command }] },
        needs: [{ node, storage: disk.storage, sizeGib: rootDisk.sizeGib }],
      }),
    ];
  }
  return disk.sizeGib < rootDisk.sizeGib ? [shrunk([...path, "size"], `root disk of ${name}`, rootDisk.sizeGib)] : [];
}

function checkMountPoint(
  { name, vmid, node }: ContainerPlan,
  wanted: MountPointPlan,
  { urn, mountPoints }: BuiltContainer,
): RefusedEdit[] {
  if (mountPoints === undefined) return [];
  const { slot, path, storage, sizeGib, backup } = wanted;
  const at = ["containers", name, "volumes", slot];
  const there = mountPoints.find((candidate) => candidate.path === path);
  const found = findSlot(vmid, path);
  const work = (cost: string, command: string, room = 0) => ({
    ...{ guest: name, urn, cost, commands: [{ node, command }] },
    needs: room === 0 ? [] : [{ node, storage, sizeGib: room }],
  });
  if (there === undefined) {
    const problem = `The container ${name} has no volume at ${path} yet.`;
    // In a slot that has a volume already, an empty one would take its place.
    const add = `! pct config ${vmid} | grep ^${slot}: && pct set ${vmid} --${slot} ${storage}:${sizeGib},mp=${path},backup=${backup ? 1 : 0}`;
    return [doneOnNode(at, problem, work("without a restart", add, sizeGib))];
  }
  if (there.storage !== storage) {
    const problem = `The volume ${path} of ${name} is on ${there.storage}.`;
    const cost = `with a restart and a copy of ${there.sizeGib} GiB`;
    const move = whileStopped(vmid, `pct move-volume ${vmid} ${found} ${storage} --delete 1`);
    return [doneOnNode([...at, "storage"], problem, work(cost, move, there.sizeGib))];
  }
  if (sizeGib < there.sizeGib) return [shrunk([...at, "size"], `volume ${path} of ${name}`, there.sizeGib)];
  if (sizeGib > there.sizeGib) {
    const problem = `The volume ${path} of ${name} has ${there.sizeGib} GiB.`;
    const resize = `pct resize ${vmid} ${found} ${sizeGib}G`;
    return [doneOnNode([...at, "size"], problem, work("without a restart", resize, sizeGib - there.sizeGib))];
  }
  if (backup !== there.backup) {
    const problem = `The volume ${path} of ${name} is ${there.backup ? "" : "not "}in its backups.`;
    const value = `"$(pct config ${vmid} | sed -n '/,mp=${pattern(path)}\\(,\\|$\\)/s/^mp[0-9]*: //p' | sed 's/,backup=[01]//'),backup=${backup ? 1 : 0}"`;
    return [doneOnNode([...at, "backup"], problem, work("without a restart", `pct set ${vmid} --${found} ${value}`))];
  }
  return [];
}

/** Sets off a command for a stopped container. One that ran is started again whatever comes of the command. */
function whileStopped(vmid: number, command: string): string {
  return `case $(pct status ${vmid}) in *running*) pct shutdown ${vmid} && ${command}; ended=$?; pct start ${vmid} && (exit $ended);; *) ${command};; esac`;
}

/** The slot of a volume by its path, whatever key the inventory has for it. */
function findSlot(vmid: number, path: string): string {
  return `"$(pct config ${vmid} | sed -n '/,mp=${pattern(path)}\\(,\\|$\\)/s/^\\(mp[0-9]*\\):.*/\\1/p')"`;
}

/** A path as an address in a script of sed. */
function pattern(path: string): string {
  return path.replace(/[.[\]*^$\\/]/g, "\\$&");
}

/** A volume that the state has and the inventory lacks: it is detached, and its data stays. */
function checkMissing({ name, vmid, node, mountPoints }: ContainerPlan, built: BuiltContainer): RefusedEdit[] {
  return (built.mountPoints ?? [])
    .filter(({ path }) => !mountPoints.some((wanted) => wanted.path === path))
    .map(({ path, sizeGib, storage }) => {
      const problem = `The container ${name} has a volume at ${path} (${sizeGib} GiB on ${storage}) that the inventory lacks.`;
      // A run that was cut off may have detached it already.
      const detach = `slot=${findSlot(vmid, path)}; [ -z "$slot" ] || pct set ${vmid} --delete "$slot"`;
      const command = whileStopped(vmid, `{ ${detach}; }`);
      const cost = "with a restart; the volume is detached and kept as an unused disk, with its data";
      return doneOnNode(["containers", name, "volumes"], problem, {
        ...{ guest: name, urn: built.urn, cost, commands: [{ node, command }], needs: [], detached: path },
      });
    });
}

/** Proxmox VE makes no disk smaller. */
export function shrunk(path: readonly string[], what: string, sizeGib: number): RefusedEdit {
  return {
    path,
    problem: `The ${what} has ${sizeGib} GiB, and Proxmox VE makes no disk smaller.`,
    remedy: `Write ${sizeGib} GiB again.`,
  };
}
