import type { ClusterState } from "./state/cluster.ts";
import type { UnitFault } from "./state/software.ts";

/** Where a unit is: in a guest by its VMID, or on a node by its name. */
export type UnitPlace = number | string;

/** What happens to a unit: it fails whenever that is asked of it, works again, or is stopped. */
export type UnitIncident = UnitFault | "works" | "stopped";

/** Lets something happen to a unit of systemd. */
export function changeUnit(state: ClusterState, place: UnitPlace, name: string, incident: UnitIncident): void {
  const unit = name.replace(/\.service$/, "");
  if (incident === "stopped") {
    stop(state, place, unit);
    return;
  }
  const software = (machineAt(state, place).software ??= {});
  const faults = (software.unitFaults ??= {});
  if (incident === "works") Reflect.deleteProperty(faults, unit);
  else faults[unit] = incident;
}

/** Reads `unit NAME in VMID|on NODE fails to start|stop|reload: MESSAGE`, `… works` or `… stopped` without its first word. */
export function parseUnitIncident(
  text: string,
): { readonly place: UnitPlace; readonly unit: string; readonly incident: UnitIncident } | undefined {
  const [, unit = "", where = "", what = ""] = /^(\S+)\s+((?:in\s+\d+)|(?:on\s+\S+))\s+(.+)$/.exec(text) ?? [];
  const [kind, name = ""] = where.split(/\s+/);
  const place = kind === "in" ? Number(name) : name;
  const [, verb, message = ""] = /^fails to (start|stop|reload):\s*(.+)$/.exec(what) ?? [];
  if (verb !== undefined) return { place, unit, incident: { verb: verb as UnitFault["verb"], message } };
  return what === "works" || what === "stopped" ? { place, unit, incident: what } : undefined;
}

function machineAt({ guests, nodes }: ClusterState, place: UnitPlace) {
  const machine = typeof place === "number" ? guests[place]?.inside : nodes[place];
  if (machine === undefined) throw new Error(`There is no ${typeof place === "number" ? "guest" : "node"} ${place}.`);
  return machine;
}

function stop({ guests, nodes }: ClusterState, place: UnitPlace, unit: string): void {
  const node = typeof place === "string" ? nodes[place] : undefined;
  const service = typeof place === "number" ? guests[place]?.inside.services[unit] : undefined;
  if (node?.services[unit] !== undefined) node.services[unit] = "stopped";
  else if (service !== undefined) service.active = false;
  else throw new Error(`There is no unit "${unit}" ${typeof place === "number" ? "in guest" : "on node"} ${place}.`);
}
