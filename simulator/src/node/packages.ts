import { version } from "../version.ts";

/** The kernel that runs. */
export const kernel = "7.0.2-2-pve";

/** Packages of Proxmox with their versions, as a node of this release has them. */
const packages: readonly (readonly [name: string, version: string, section: string, title: string])[] = [
  ["proxmox-ve", "9.2.0", "admin", "Proxmox Virtual Environment"],
  ["pve-manager", version.version, "admin", "Proxmox Virtual Environment Management Tools"],
  [`proxmox-kernel-${kernel}-signed`, "7.0.2-2", "kernel", "Proxmox Kernel Image"],
  ["proxmox-kernel-helper", "9.2.0", "admin", "Function for various kernel maintenance tasks"],
  ["corosync", "3.1.10-pve2", "admin", "cluster engine daemon and utilities"],
  ["ifupdown2", "3.3.0-1+pmx12", "admin", "Network Interface Management tool similar to ifupdown"],
  ["libpve-access-control", "9.1.0", "perl", "Proxmox VE access control library"],
  ["libpve-common-perl", "9.1.11", "perl", "Proxmox base library"],
  ["libpve-guest-common-perl", "6.0.2", "perl", "Proxmox VE common guest-related modules"],
  ["libpve-network-perl", "1.3.0", "perl", "Proxmox VE's SDN (Software Defined Network) stack"],
  ["libpve-storage-perl", "9.1.2", "perl", "Proxmox VE storage management library"],
  ["lxc-pve", "7.0.0-1", "admin", "Linux containers userspace tools"],
  ["lxcfs", "7.0.0-pve1", "admin", "LXC userspace filesystem"],
  ["proxmox-backup-client", "4.2.0-1", "admin", "Proxmox Backup Client tools"],
  ["proxmox-firewall", "1.2.2", "admin", "Proxmox's nftables-based firewall written in rust"],
  ["proxmox-widget-toolkit", "5.1.9", "web", "Core Widgets and ExtJS Helper Classes for Proxmox Web UIs"],
  ["pve-cluster", "9.1.2", "admin", '"pmxcfs" distributed cluster filesystem for Proxmox Virtual Environment.'],
  ["pve-container", "6.1.6", "perl", "Proxmox VE Container management tool"],
  ["pve-docs", "9.2.1", "doc", "Proxmox VE Documentation"],
  ["pve-firewall", "6.0.5", "admin", "Proxmox VE Firewall"],
  ["pve-ha-manager", "5.2.1", "perl", "Proxmox VE HA Manager"],
  ["pve-qemu-kvm", "11.0.0-1", "admin", "Full virtualization on x86 hardware"],
  ["qemu-server", "9.1.10", "admin", "QEMU Server Tools"],
  ["zfsutils-linux", "2.4.1-pve1", "admin", "command-line tools to manage OpenZFS filesystems"],
];

/** `GET /nodes/{node}/apt/versions` */
export function listVersions() {
  return packages.map(([name, installed, section, title]) => ({
    Package: name,
    Title: title,
    Description: title,
    Section: section,
    Arch: name === "proxmox-ve" || section === "perl" || section === "doc" ? ("all" as const) : ("amd64" as const),
    Priority: "optional",
    Origin: "Proxmox",
    Version: installed,
    OldVersion: installed,
    CurrentState: "Installed" as const,
    ...(name === "proxmox-ve" ? { RunningKernel: kernel } : {}),
    ...(name === "pve-manager" ? { ManagerVersion: `${version.version}/${version.repoid}` } : {}),
  }));
}
