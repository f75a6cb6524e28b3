import type { Inventory } from "../inventory/inventory.ts";
import { guestsOf } from "./named-guests.ts";
import { contentsStep, portOf } from "./services/influxdb.ts";

/** Where all nodes write what they measure, decided (https://pve.proxmox.com/pve-docs/pve-admin-guide.html#external_metric_server). */
export interface MetricServerPlan {
  /** Logical name, ID and the guest that answers there. */
  readonly name: string;
  /** Address of the guest. */
  readonly server: string;
  readonly port: number;
  readonly organization: string;
  readonly bucket: string;
  /** The step that makes the token, of the same guest. */
  readonly tokenStep: string;
}

/** Decides where Proxmox VE writes to: to the guest that runs InfluxDB, where this program sets it up. */
export function planMetricServer(inventory: Inventory): MetricServerPlan | undefined {
  const settings = inventory.services.influxdb;
  const found = guestsOf(inventory).find(({ guest }) => guest.runs === "influxdb");
  if (settings === undefined || found === undefined) return undefined;
  const { name, guest } = found;
  return {
    name,
    server: guest.address,
    port: portOf(guest),
    organization: settings.organization,
    bucket: settings.bucket,
    tokenStep: contentsStep(name),
  };
}
