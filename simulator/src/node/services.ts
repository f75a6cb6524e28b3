import type { NodeState } from "../state/node.ts";

/** What systemd says of the services that Proxmox shows. */
const descriptions: Readonly<Record<string, string>> = {
  chrony: "chrony, an NTP client/server",
  corosync: "Corosync Cluster Engine",
  cron: "Regular background program processing daemon",
  ksmtuned: "Kernel Samepage Merging (KSM) Tuning Daemon",
  lxcfs: "FUSE filesystem for LXC",
  postfix: "Postfix Mail Transport Agent",
  "proxmox-firewall": "Proxmox nftables firewall",
  "pve-cluster": "The Proxmox VE cluster filesystem",
  "pve-firewall": "Proxmox VE firewall",
  "pve-ha-crm": "PVE Cluster HA Resource Manager Daemon",
  "pve-ha-lrm": "PVE Local HA Resource Manager Daemon",
  "pve-lxc-syscalld": "Proxmox VE LXC Syscall Daemon",
  pvedaemon: "PVE API Daemon",
  "pvefw-logger": "Proxmox VE firewall logger",
  pveproxy: "PVE API Proxy Server",
  pvescheduler: "Proxmox VE scheduler",
  pvestatd: "PVE Status Daemon",
  qmeventd: "PVE Qemu Event Daemon",
  spiceproxy: "PVE SPICE Proxy Server",
  sshd: "OpenBSD Secure Shell server",
  "systemd-journald": "Journal Service",
};

/** All that Proxmox asks systemd for, whether it is installed or not. */
export const serviceNames: readonly string[] = [...Object.keys(descriptions), "syslog", "systemd-timesyncd"].sort();

/** A service as the API shows it. */
export function describeService({ services }: NodeState, name: string) {
  const state = services[name];
  const common = { service: name, name, desc: descriptions[name] ?? `${name}.service` };
  if (state === undefined) {
    return {
      ...common,
      state: "dead" as const,
      "active-state": "inactive" as const,
      "unit-state": "not-found" as const,
    };
  }
  const running = state === "running";
  return {
    ...common,
    state: running ? ("running" as const) : ("dead" as const),
    "active-state": running ? ("active" as const) : ("inactive" as const),
    "unit-state": name === "systemd-journald" ? ("static" as const) : ("enabled" as const),
  };
}
