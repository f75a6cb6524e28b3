import { invalidParameters } from "../api-error.ts";
import { guestDigest, showConfig } from "../guest/config.ts";
import { showSnapshot } from "../guest/snapshot-views.ts";
import type { Handlers, Returns } from "../handlers.ts";
import { moveVolume } from "../lxc/move-volume.ts";
import { pendingConfig } from "../lxc/pending.ts";
import { isRawKey } from "../lxc/raw-keys.ts";
import { resizeDisk } from "../lxc/resize.ts";
import { updateContainer } from "../lxc/update.ts";
import type { Section } from "../state/cluster.ts";
import type { Guest } from "../state/guest.ts";

type Config = Returns<"GET /nodes/{node}/lxc/{vmid}/config">;

/** The configuration of containers, and their disks. */
export const lxcConfigHandlers: Handlers = {
  "GET /nodes/{node}/lxc/{vmid}/config": ({ node, vmid, current = false, snapshot }, { world }) => {
    const guest = world.guest("lxc", node, vmid);
    if (snapshot === undefined) return show(guest, current ? guest.config : pendingConfig(guest));
    if (current) {
      const problem = "cannot use 'snapshot' parameter with 'current'";
      throw invalidParameters({ snapshot: problem, current: problem });
    }
    return { ...showSnapshot(guest, snapshot), digest: guestDigest(guest) };
  },
  "PUT /nodes/{node}/lxc/{vmid}/config": updateContainer,
  "GET /nodes/{node}/lxc/{vmid}/pending": ({ node, vmid }, { world }) => listPending(world.guest("lxc", node, vmid)),
  "PUT /nodes/{node}/lxc/{vmid}/resize": resizeDisk,
  "POST /nodes/{node}/lxc/{vmid}/move_volume": moveVolume,
};

function show(guest: Guest, { lxc, ...config }: Section): Config {
  // Settings of LXC itself are kept as lines.
  const lines = (lxc ?? "").split("\n").filter((line) => line !== "");
  const raw = lines
    .map((line) => /^([^:=\s]+)\s*[:=]\s*(.*)$/.exec(line)?.slice(1, 3) ?? [line, ""])
    .filter(([key = ""]) => isRawKey(key));
  const shown = { ...showConfig("lxc", config), ...(raw.length === 0 ? {} : { lxc: raw }) };
  return { ...shown, digest: guestDigest(guest) };
}

/** What is set, with what changes at the next start. */
function listPending(guest: Guest) {
  const { config, pending } = guest;
  const { lxc: _, ...settings } = config;
  const current = Object.entries({ ...settings, digest: guestDigest(guest) }).map(([key, value]) => {
    const next = pending[key];
    return { key, value, ...(next === undefined ? {} : next === null ? { delete: 1 } : { pending: next }) };
  });
  const added = Object.entries(pending).flatMap(([key, value]) =>
    value === null || config[key] !== undefined ? [] : [{ key, pending: value }],
  );
  return [...current, ...added];
}
