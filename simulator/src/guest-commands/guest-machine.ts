import { kernel } from "../node/packages.ts";
import { updateAgent } from "../qemu/boot.ts";
import type { Machine, Program } from "../shell/machine.ts";
import { commonPrograms } from "../shell/programs/programs.ts";
import type { Guest } from "../state/guest.ts";
import type { World } from "../world.ts";
import { aptProgram } from "./apt.ts";
import { aptCacheProgram } from "./apt-cache.ts";
import { aptMarkProgram } from "./apt-mark.ts";
import { cloudInitProgram } from "./cloud-init.ts";
import { curlProgram } from "./curl.ts";
import { diskPrograms } from "./disk-programs.ts";
import { dpkgProgram, dpkgQueryProgram } from "./dpkg.ts";
import { gitlabPrograms } from "./gitlab/gitlab-programs.ts";
import { gpg } from "./gpg.ts";
import { grafanaCli } from "./grafana-cli.ts";
import { findGuest, guestFileSystem } from "./guest-files.ts";
import { guestMounts } from "./guest-mounts.ts";
import { htpasswd } from "./htpasswd.ts";
import { journalctlProgram } from "./journalctl.ts";
import { jqProgram } from "./jq.ts";
import { ofPackage } from "./of-package.ts";
import { openssl } from "./openssl.ts";
import { blackboxExporter } from "./prometheus/blackbox-exporter.ts";
import { promtool } from "./prometheus/promtool.ts";
import { softwareMemory } from "./software-memory.ts";
import { standIns } from "./stand-ins.ts";
import type { SystemSoftware } from "./system.ts";
import { systemctlProgram } from "./systemctl.ts";

/** The inside of a guest, as commands find it. */
export function guestMachine(world: World, vmid: number): Machine {
  return {
    files: guestFileSystem(world, vmid),
    hostname: () => findGuest(world, vmid).inside.hostname,
    // A container shares the kernel of its node.
    kernel: findGuest(world, vmid).type === "lxc" ? kernel : "6.12.48+deb13-amd64",
    programs: {
      ...commonPrograms,
      ...softwarePrograms(guestSoftware(world, vmid)),
      ...diskPrograms(guestMounts(world, vmid)),
      ...gitlabPrograms(guestSoftware(world, vmid)),
      "cloud-init": cloudInitProgram(guestSoftware(world, vmid)),
    },
    standIns,
    now: () => world.clock.now(),
    sleep: (seconds) =>
      new Promise((resolve) => {
        world.clock.after(seconds, resolve);
      }),
  };
}

/** Programs for the packages and services of a system. */
export function softwarePrograms(system: SystemSoftware): Readonly<Record<string, Program>> {
  return {
    apt: aptProgram(system),
    "apt-cache": aptCacheProgram(system),
    "apt-get": aptProgram(system),
    "apt-mark": aptMarkProgram(system),
    curl: ofPackage(system, "curl", curlProgram(system)),
    dpkg: dpkgProgram(system),
    "dpkg-query": dpkgQueryProgram(system),
    gpg,
    "grafana-cli": grafanaCli,
    htpasswd: ofPackage(system, "apache2-utils", htpasswd),
    journalctl: journalctlProgram(system),
    jq: jqProgram,
    openssl,
    "prometheus-blackbox-exporter": ofPackage(system, "prometheus-blackbox-exporter", blackboxExporter),
    promtool: ofPackage(system, "promtool", promtool),
    systemctl: systemctlProgram(system),
  };
}

function guestSoftware(world: World, vmid: number): SystemSoftware {
  const inside = () => findGuest(world, vmid).inside;
  const change = (work: (guest: Guest) => void) => {
    world.transaction(() => {
      const guest = findGuest(world, vmid);
      work(guest);
      if (guest.type === "qemu") updateAgent(guest);
    });
  };
  return {
    ...softwareMemory(world, inside),
    mounts: guestMounts(world, vmid),
    packages: () => inside().packages,
    setPackage: (name, version) => {
      change(({ inside: { packages } }) => {
        if (version === undefined) Reflect.deleteProperty(packages, name);
        else packages[name] = version;
      });
    },
    units: () => inside().services,
    setUnit: (name, unit) => {
      change(({ inside: { services } }) => {
        if (unit === undefined) Reflect.deleteProperty(services, name);
        else services[name] = { ...unit };
      });
    },
  };
}
