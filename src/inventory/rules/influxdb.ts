import type { Inventory } from "../inventory.ts";
import { placedGuests, type RuleIssue } from "./rule.ts";

const folder = "/var/lib/influxdb";

/** InfluxDB keeps its measurements on a volume of its own, and there is one: Proxmox VE and Grafana know it by its guest. */
export function checkInfluxDb(inventory: Inventory): RuleIssue[] {
  if (inventory.services.influxdb === undefined) return [];
  const all = placedGuests(inventory).filter(({ guest }) => guest.runs === "influxdb");
  return all.flatMap(({ path, kind, guest }, index): RuleIssue[] => {
    const [first] = all;
    const where = [...path, "runs"];
    const twice = {
      path: where,
      problem: `${first?.name ?? ""} runs InfluxDB already: Proxmox VE writes to one of them, and Grafana reads one.`,
      remedy: "Let one guest run it.",
    };
    const lacksVolume = kind === "container" && !Object.values(guest.volumes).some((volume) => volume.path === folder);
    const bare = {
      path: where,
      problem: `InfluxDB has no volume at ${folder}: its measurements would fill the system's.`,
      remedy: `Add a volume: { path: ${folder}, storage: …, size: … }.`,
    };
    return [...(index > 0 ? [twice] : []), ...(lacksVolume ? [bare] : [])];
  });
}
