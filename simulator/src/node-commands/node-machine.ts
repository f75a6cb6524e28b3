import { curlProgram } from "../guest-commands/curl.ts";
import { softwarePrograms } from "../guest-commands/guest-machine.ts";
import { standIns } from "../guest-commands/stand-ins.ts";
import { nodeFileSystem } from "../node-files/node-file-system.ts";
import type { Machine, Program } from "../shell/machine.ts";
import { commonPrograms } from "../shell/programs/programs.ts";
import { kernel } from "../node/packages.ts";
import { version } from "../version.ts";
import type { World } from "../world.ts";
import { treeProgram } from "./command-tree.ts";
import { nodeSoftware } from "./node-software.ts";
import { pctCommands } from "./pct.ts";
import { pvecmCommands } from "./pvecm.ts";
import { pveshCommands } from "./pvesh.ts";
import { pvesmCommands } from "./pvesm.ts";
import { pveumCommands } from "./pveum.ts";
import { qmCommands } from "./qm.ts";
import { zfsCommands } from "./zfs.ts";
import { zpoolCommands } from "./zpool.ts";

/** A node as commands find it. */
export function nodeMachine(world: World, node: string, certificateAuthority: string): Machine {
  const site = { world, node };
  const proxmox: Readonly<Record<string, Program>> = {
    // Packages of Proxmox need it.
    curl: curlProgram(nodeSoftware(world, node)),
    pct: treeProgram(site, pctCommands),
    // What they write is not kept anywhere: a node boots with what is in /etc.
    "proxmox-boot-tool": () => 0,
    pvecm: treeProgram(site, pvecmCommands),
    pvesh: treeProgram(site, pveshCommands),
    pvesm: treeProgram(site, pvesmCommands),
    pveum: treeProgram(site, pveumCommands),
    pveversion: ({ out }) => {
      out(`pve-manager/${version.version}/${version.repoid} (running kernel: ${kernel})\n`);
      return 0;
    },
    qm: treeProgram(site, qmCommands),
    "update-initramfs": ({ out }) => {
      out(`update-initramfs: Generating /boot/initrd.img-${kernel}\n`);
      return 0;
    },
    zfs: treeProgram(site, zfsCommands),
    zpool: treeProgram(site, zpoolCommands),
  };
  return {
    files: nodeFileSystem(world, node, certificateAuthority),
    hostname: () => node,
    kernel,
    programs: { ...commonPrograms, ...softwarePrograms(nodeSoftware(world, node)), ...proxmox },
    standIns,
    now: () => world.clock.now(),
    sleep: (seconds) =>
      new Promise((resolve) => {
        world.clock.after(seconds, resolve);
      }),
  };
}
