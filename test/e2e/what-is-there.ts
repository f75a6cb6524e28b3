import type { Simulator } from "@proxmox-homelab/simulator";
import { diffLines } from "diff";

type ServerState = Simulator["state"];

/** What a server has that a homelab is made of, as text, without what no two runs have in common. */
export function whatIsThere({ guests, storages, volumes, sections, firewall, nodes, pools, sdn }: ServerState): string {
  const plain = {
    guests: Object.fromEntries(
      Object.entries(guests).map(([vmid, { inside: _, cloudInit: __, ...guest }]) => [vmid, guest]),
    ),
    ...{ storages, volumes, sections, firewall, pools, sdn },
    nodes: Object.fromEntries(Object.entries(nodes).map(([name, { files: _, ...node }]) => [name, node])),
  };
  const replacer = (key: string, value: unknown): unknown => {
    if (["created", "startedAt", "time", "data", "guid"].includes(key)) return undefined;
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
    if (typeof value !== "string") return value;
    return value
      .replaceAll(/\b(?:[0-9A-F]{2}:){5}[0-9A-F]{2}\b/gi, "MAC")
      .replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "UUID")
      .replaceAll(/ctime=\d+/g, "ctime");
  };
  return JSON.stringify(plain, replacer, 2);
}

/** The lines that one text has and the other has not; empty where they are the same. */
export function differenceOf(expected: string, actual: string): string {
  return diffLines(expected, actual)
    .filter(({ added, removed }) => added || removed)
    .map(({ added, value }) => value.replaceAll(/^(?=.)/gm, added ? "+" : "-"))
    .join("");
}
