/** A metric of prometheus-pve-exporter: each node tells what the whole cluster has, so that all is there several times. */
export function once(selector: string): string {
  return `max by (id) (${selector})`;
}

/** Metrics of guests, multiplied, with the guest's name; `$guest` chooses where `choice` says so. */
export function ofGuests(metric: string, times?: string, choice = ""): string {
  const product = times === undefined ? once(metric) : `${once(metric)} * ${once(times)}`;
  return `${product} * on (id) group_left (name) max by (id, name) (pve_guest_info${choice})`;
}
