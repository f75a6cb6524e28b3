import type { TextFile } from "../files/file-layer.ts";
import { CommandError } from "../shell/machine.ts";
import type { World } from "../world.ts";

const parameter = "/sys/module/zfs/parameters/zfs_arc_max";

/** What zfsutils-linux and the kernel's module add to a node: timers for scrubs and trims, and the limit of the cache. */
export function zfsFiles(world: World, name: string): Record<string, TextFile> {
  return {
    ...Object.fromEntries(
      ["scrub", "trim"].flatMap((what) =>
        ["weekly", "monthly"].map((often) => [
          `/usr/lib/systemd/system/zfs-${what}-${often}@.timer`,
          { read: () => timerFile(what, often) },
        ]),
      ),
    ),
    ...Object.fromEntries(
      ["scrub", "trim"].map((what) => [
        `/usr/lib/systemd/system/zfs-${what}@.service`,
        {
          read: () => `[Unit]\nDescription=zpool ${what} on %i\n\n[Service]\nExecStart=/usr/sbin/zpool ${what} -w %i\n`,
        },
      ]),
    ),
    [parameter]: {
      read: () => `${world.node(name).cacheLimit ?? 0}\n`,
      write: (text) => {
        // Opening it empties nothing, so that what is written comes after what was there.
        const value = text.trimEnd().split("\n").at(-1) ?? "";
        if (value === "") return;
        if (!/^\d+$/.test(value)) throw new CommandError("write error: Invalid argument");
        world.node(name).cacheLimit = Number(value);
      },
    },
  };
}

/** What the module takes from /etc/modprobe.d when a node boots; undefined where nothing is written there. */
export function cacheLimitAtBoot(files: Readonly<Record<string, { readonly content: string }>>): number | undefined {
  const texts = Object.entries(files)
    .filter(([path]) => /^\/etc\/modprobe\.d\/[^/]+\.conf$/.test(path))
    .map(([, { content }]) => Buffer.from(content, "base64").toString());
  const written = /^\s*options\s+zfs\s+(?:.*\s)?zfs_arc_max=(\d+)/m.exec(texts.join("\n"))?.[1];
  return written === undefined ? undefined : Number(written);
}

function timerFile(what: string, often: string): string {
  return `[Unit]
Description=${often === "weekly" ? "Weekly" : "Monthly"} zpool ${what} timer for %i

[Timer]
OnCalendar=${often}
Persistent=true
Unit=zfs-${what}@%i.service

[Install]
WantedBy=timers.target
`;
}
