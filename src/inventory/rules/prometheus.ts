import type { Inventory } from "../inventory.ts";
import { placedGuests, type RuleIssue } from "./rule.ts";

type Settings = NonNullable<Inventory["services"]["prometheus"]>;

const folder = "/var/lib/prometheus";
const gib = 2 ** 30;

/** Prometheus keeps its measurements on a volume of its own, and removes old ones before that is full. */
export function checkPrometheus(inventory: Inventory): RuleIssue[] {
  const { prometheus } = inventory.services;
  if (prometheus === undefined) return [];
  return [...checkIntervals(prometheus), ...checkVolumes(prometheus, inventory)];
}

/** Grafana draws rates over four of the usual intervals, and a rate needs two measurements. */
function checkIntervals({ scrapeInterval, scrapeIntervals }: Settings): RuleIssue[] {
  return Object.entries(scrapeIntervals).flatMap(([job, seconds]) =>
    seconds === undefined || seconds <= 2 * scrapeInterval
      ? []
      : [
          {
            path: ["services", "prometheus", "scrapeIntervals", job],
            problem: `The dashboards draw rates over four times scrapeInterval, ${4 * scrapeInterval} s, in which a job that is asked every ${seconds} s may have one measurement.`,
            remedy: `Write ${2 * scrapeInterval} s or less, or a longer scrapeInterval.`,
          },
        ],
  );
}

function checkVolumes({ retention: { size } }: Settings, inventory: Inventory): RuleIssue[] {
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
