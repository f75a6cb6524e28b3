import type { Inventory } from "../../../inventory/inventory.ts";
import type { AlertRule } from "./alert-rules.ts";

/** Guests that this project has made, with their names; templates never run. */
const guestInfo = `pve_guest_info{template!="1", tags=~"(?:.*;)?homelab(?:;.*)?"}`;

const ofExporters: readonly AlertRule[] = [
  {
    alert: "NodeUnreachable",
    expr: `up{job="node", kind="node"} == 0`,
    for: "5m",
    labels: { severity: "critical" },
    annotations: {
      summary: "The exporter on the node {{ $labels.instance }} does not answer.",
      action: "Look whether the node is up; if it is: systemctl status prometheus-node-exporter",
    },
  },
  {
    alert: "TalosNodeDown",
    expr: `probe_success{job="talos"} == 0`,
    for: "5m",
    labels: { severity: "critical" },
    annotations: {
      summary: "The Talos API of {{ $labels.instance }} does not answer.",
      action: "Look at its console on {{ $labels.node }}.",
    },
  },
  {
    alert: "ServiceFailed",
    expr: `node_systemd_unit_state{state="failed"} == 1`,
    for: "5m",
    labels: { severity: "warning" },
    annotations: {
      summary: "{{ $labels.name }} has failed on {{ $labels.instance }}.",
      action: "Read why, and start it again: journalctl -u {{ $labels.name }}",
    },
  },
  {
    alert: "MemoryShort",
    expr: "node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes < 0.05",
    for: "15m",
    labels: { severity: "warning" },
    annotations: {
      summary: "{{ $labels.instance }} has {{ $value | humanizePercentage }} of its memory left.",
      action: "Look what takes it, or give it more.",
    },
  },
  {
    alert: "ClockNotSynchronised",
    expr: `node_timex_sync_status{kind="node"} == 0`,
    for: "30m",
    labels: { severity: "warning" },
    annotations: {
      summary: "The clock of {{ $labels.instance }} is not synchronised.",
      action: "A cluster needs equal clocks: chronyc sources",
    },
  },
];

const ofProxmox: readonly AlertRule[] = [
  {
    alert: "NodeDown",
    expr: `max by (id) (pve_up{id=~"node/.+"}) == 0`,
    for: "2m",
    labels: { severity: "critical" },
    annotations: {
      summary: "The cluster has lost {{ $labels.id }}.",
      action: "Look at its console, and at its network.",
    },
  },
  {
    alert: "ClusterNotQuorate",
    expr: `max by (id) (pve_up{id=~"cluster/.+"}) == 0`,
    for: "2m",
    labels: { severity: "critical" },
    annotations: {
      summary: "{{ $labels.id }} has no quorum: guests run, but nothing can be changed.",
      action: "Bring the missing nodes back; pvecm status says who is there.",
    },
  },
  {
    alert: "GuestDown",
    expr: `max by (id, name) (pve_up{id=~"(?:lxc|qemu)/.+"} * on (id, instance) group_left (name) ${guestInfo}) == 0`,
    for: "5m",
    labels: { severity: "critical" },
    annotations: {
      summary: "The guest {{ $labels.name }} ({{ $labels.id }}) does not run.",
      action: "Start it, and read its log on the node.",
    },
  },
];

/** Nodes, guests and what runs on them. */
export function hostAlerts({ services }: Inventory): AlertRule[] {
  return [...(services.prometheus?.pveExporter === undefined ? [] : ofProxmox), ...ofExporters];
}
