import { fileEntry, folderEntry, linkEntry } from "../files/file-layer.ts";
import type { GuestSystem } from "../state/guest.ts";
import type { OperatingSystem } from "./images.ts";

const folders = [
  "/bin",
  "/boot",
  "/dev",
  "/etc",
  "/etc/cloud",
  "/etc/ssh",
  "/etc/systemd",
  "/etc/systemd/system",
  "/home",
  "/mnt",
  "/opt",
  "/proc",
  "/root",
  "/run",
  "/srv",
  "/sys",
  "/tmp",
  "/usr",
  "/usr/bin",
  "/usr/local",
  "/usr/local/bin",
  "/usr/sbin",
  "/var",
  "/var/lib",
  "/var/lib/cloud",
  "/var/lib/cloud/instance",
  "/var/log",
  "/var/tmp",
];

const accounts = [
  "root:x:0:0:root:/root:/bin/bash",
  "daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin",
  "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin",
];

/** A cloud image's system before its first boot. */
export function freshSystem(
  { id, name, version, codename }: OperatingSystem,
  agent: boolean,
  now: number,
): GuestSystem {
  const pretty = `${name} ${version}${codename === "" ? "" : ` (${codename})`}`;
  const release = [
    `PRETTY_NAME="${pretty}"`,
    `NAME="${name}"`,
    `VERSION_ID="${version}"`,
    `VERSION="${version}${codename === "" ? "" : ` (${codename})`}"`,
    ...(codename === "" ? [] : [`VERSION_CODENAME=${codename}`]),
    `ID=${id}`,
  ];
  const text = (content: string, mode?: number) => fileEntry(content, now, mode);
  return {
    hostname: "localhost",
    files: {
      ...Object.fromEntries(folders.map((path) => [path, folderEntry(now, path.endsWith("/tmp") ? 0o1777 : 0o755)])),
      "/root": folderEntry(now, 0o700),
      "/etc/os-release": linkEntry("../usr/lib/os-release", now),
      "/usr/lib": folderEntry(now),
      "/usr/lib/os-release": text(`${release.join("\n")}\n`),
      "/etc/hostname": text("localhost\n"),
      "/etc/hosts": text("127.0.0.1 localhost\n"),
      "/etc/passwd": text(`${accounts.join("\n")}\n`),
      "/etc/group": text("root:x:0:\nsudo:x:27:\nnogroup:x:65534:\n"),
      "/etc/machine-id": text("uninitialized\n"),
      "/etc/timezone": text("Etc/UTC\n"),
    },
    packages: {
      "cloud-init": "25.1.4-1",
      "openssh-server": "1:10.0p1-7",
      python3: "3.13.5-1",
      sudo: "1.9.16p2-3",
      systemd: "257.8-1",
      ...(agent ? { "qemu-guest-agent": "1:10.0.3-1" } : {}),
    },
    services: {
      "cloud-init": { enabled: true, active: false },
      ssh: { enabled: true, active: false },
      "systemd-networkd": { enabled: true, active: false },
      ...(agent ? { "qemu-guest-agent": { enabled: true, active: false } } : {}),
    },
    agent: false,
    executions: {},
  };
}

/** Writes a file into a system, with the folders on the way. */
export function putFile(
  system: GuestSystem,
  path: string,
  content: string | Buffer,
  { now, mode, uid = 0, gid = 0 }: { now: number; mode?: number | undefined; uid?: number; gid?: number },
): void {
  const parts = path.split("/").slice(1, -1);
  parts.forEach((_, index) => {
    const folder = `/${parts.slice(0, index + 1).join("/")}`;
    system.files[folder] ??= { ...folderEntry(now), uid, gid };
  });
  system.files[path] = { ...fileEntry(content, now, mode), uid, gid };
}

/** The text of a file of a system; empty where there is none. */
export function textOf(system: GuestSystem, path: string): string {
  const entry = system.files[path];
  return entry?.kind === "file" ? Buffer.from(entry.content, "base64").toString() : "";
}

/** The name of a unit without its suffix, as services are kept. */
export function unitName(unit: string): string {
  return unit.replace(/\.service$/, "");
}
