import type { Guest } from "../state/guest.ts";
import { guestDigest, showConfig } from "./config.ts";
import { findSnapshot } from "./snapshots.ts";

/** What `GET …/snapshot` returns: the snapshots, and at the end what the guest is now. */
export function listSnapshots(guest: Guest) {
  const { type, snapshots, config, status } = guest;
  const { parent } = config;
  return [
    ...Object.entries(snapshots).map(([name, snapshot]) => ({
      name,
      snaptime: snapshot.snaptime,
      description: snapshot.description,
      ...(snapshot.parent === undefined ? {} : { parent: snapshot.parent }),
      ...(snapshot.snapstate === undefined ? {} : { snapstate: snapshot.snapstate }),
      ...(type === "qemu" ? { vmstate: snapshot.vmstate === true ? 1 : 0 } : {}),
    })),
    {
      name: "current",
      digest: guestDigest(guest),
      running: status === "running" ? 1 : 0,
      description: "You are here!",
      ...(parent === undefined ? {} : { parent }),
    },
  ];
}

/** What `GET …/snapshot/{snapname}/config` returns. */
export function showSnapshot(guest: Guest, snapname: string): Record<string, string | number> {
  const { config, description, snaptime, parent } = findSnapshot(guest, snapname);
  const { digest: _, ...values } = showConfig(guest.type, config);
  return {
    ...values,
    snaptime,
    ...(description === "" ? {} : { description }),
    ...(parent === undefined ? {} : { parent }),
  };
}
