import type { Inventory } from "../inventory.ts";
import { placedGuests, type RuleIssue } from "./rule.ts";

const folder = "/var/lib/prometheus";
const gib = 2 ** 30;

/** Prometheus keeps its measurements on a volume of its own, and removes old ones before that is full. */
export function checkPrometheus(inventory: Inventory): RuleIssue[] {
  const { prometheus } = inventory.services;
  if (prometheus === undefined) return [];
  const { size } = prometheus.retention;
  return placedGuests(inventory).flatMap(({ name, path, kind, guest }) => {
    if (guest.runs !== "prometheus" || kind === "machine") return [];
    const volume = Object.values(guest.volumes).find((candidate) => candidate.path === folder);
    if (volume === undefined) {
      return [
        {
          path: [...path, "runs"],
          problem: `Prometheus has no volume at ${folder}: its measurements would fill the system's.`,
          remedy: `Add a volume: { path: ${folder}, storage: …, size: … }.`,
        },
      ];
    }
    // What is being written and compacted comes on top of what is kept.
    const room = Math.floor((volume.size * 0.8) / gib);
    if (size <= room * gib) return [];
    return [
      {
        path: ["services", "prometheus", "retention", "size"],
        problem: `Prometheus may keep ${size / gib} GiB, but the volume of ${name} has ${volume.size / gib} GiB.`,
        remedy: `Leave a fifth of it free: ${room} GiB at most.`,
      },
    ];
  });
}
