import type { Inventory } from "../inventory.ts";
import { placedGuests, placedVolumes, type PlacedGuest, type PolicyIssue, type RuleIssue } from "./rule.ts";

/** Every guest is backed up daily, to somewhere else, and nothing that a lost disk takes along was the only copy. */
export function checkBackups(inventory: Inventory): PolicyIssue[] {
  return [
    ...placedGuests(inventory).flatMap((placed) => [
      ...dailyBackup(placed, inventory),
      ...onlyCopies(placed, inventory),
    ]),
    ...targets(inventory),
  ];
}

/** No two nodes write to one storage at the same time. */
export function checkStagger({ backups }: Inventory): RuleIssue[] {
  const begun = new Map<string, string>();
  return Object.entries(backups).flatMap(([job, { storage, schedule }]) =>
    Object.entries(schedule).flatMap(([node, time]) => {
      const slot = `${storage} ${time}`;
      const other = begun.get(slot);
      if (other === undefined) begun.set(slot, `${node} (backups.${job})`);
      if (other === undefined) return [];
      return [
        {
          path: ["backups", job, "schedule", node],
          problem: `${other} writes to ${storage} at ${time} too: both would crawl.`,
          remedy: "Let one begin when the other has ended.",
        },
      ];
    }),
  );
}

function coveringJobs({ name, guest }: PlacedGuest, { backups }: Inventory): string[] {
  return Object.keys(backups).filter((job) => {
    const backup = backups[job];
    return backup !== undefined && Object.hasOwn(backup.schedule, guest.node) && !Object.hasOwn(backup.exclude, name);
  });
}

function dailyBackup(placed: PlacedGuest, inventory: Inventory): PolicyIssue[] {
  const { path, name, guest } = placed;
  const daily = coveringJobs(placed, inventory).filter((job) =>
    /^\d/.test(inventory.backups[job]?.schedule[guest.node] ?? ""),
  );
  if (daily.length > 0 || inventory.nodes[guest.node] === undefined) return [];
  return [
    {
      rule: "backup",
      subject: path.join("."),
      path: [...path],
      at: "key",
      problem: `No job backs it up daily: a lost disk or a slip of the hand costs all of ${name}.`,
      remedy: `Give ${guest.node} a time in a daily job of backups.yaml, and do not exclude ${name} there.`,
    },
  ];
}

function onlyCopies(placed: PlacedGuest, inventory: Inventory): PolicyIssue[] {
  const { path: subject, guest } = placed;
  const jobs = coveringJobs(placed, inventory);
  return placedVolumes(placed).flatMap(({ path, storage: id, backup }) => {
    const storage = inventory.storage[id];
    const [pool = ""] = storage?.type === "zfspool" ? storage.pool.split("/") : [];
    const redundancy = inventory.nodes[guest.node]?.pools[pool]?.redundancy;
    if (redundancy === undefined || redundancy.kind === "mirror") return [];
    if (backup && redundancy.coveredBy.some((job) => jobs.includes(job))) return [];
    const why = backup ? `none of ${redundancy.coveredBy.join(", ")} covers this guest` : "its backup is switched off";
    return [
      {
        rule: "onlyCopy" as const,
        subject: subject.join("."),
        path,
        problem: `This would be the only copy: the pool ${pool} of ${guest.node} has no redundancy, and ${why}.`,
        remedy: "Back it up, or keep it on a pool with a mirror.",
      },
    ];
  });
}

function targets({ backups, storage }: Inventory): PolicyIssue[] {
  return Object.entries(backups).flatMap(([job, { storage: id }]) => {
    const type = storage[id]?.type;
    if (type === undefined || type === "nfs" || type === "cifs") return [];
    return [
      {
        rule: "backupTarget" as const,
        subject: `backups.${job}`,
        path: ["backups", job, "storage"],
        problem: `The storage ${id} is on the nodes' own disks: a backup there is lost with what it was made of.`,
        remedy: "Choose a storage on another machine, of type nfs or cifs.",
      },
    ];
  });
}
