import type { Storage } from "./storage.ts";

/** What an entry of Proxmox's storages shows: `10.10.0.20:/volume1/proxmox`, `//nas/backup`, `/var/lib/homelab`, `rpool/data`. */
export function locationOf(storage: Storage): string {
  switch (storage.type) {
    case "zfspool":
      return storage.pool;
    case "dir":
      return storage.path;
    case "nfs":
      return `${storage.server}:${storage.export}`;
    case "cifs":
      return `//${storage.server}/${storage.share}${storage.subdir ?? ""}`;
  }
}
