import type { TextFile } from "../files/file-layer.ts";
import type { ClusterState, SectionFile } from "../state/cluster.ts";
import type { Guest } from "../state/guest.ts";
import type { World } from "../world.ts";
import { renderFirewall, renderSections, renderSettings, renderStorages, renderUsers } from "./cluster-texts.ts";
import { readGuestConfig, renderGuestConfig } from "./guest-config-file.ts";
import type { View } from "./text-layer.ts";

const privateMode = 0o640;

/** The files of sections: which the state has, and the type of a section that does not say it. */
const sectionFiles: readonly (readonly [path: string, type: string, ...SectionFile[]])[] = [
  ["ha/groups.cfg", "group", "haGroups"],
  ["ha/resources.cfg", "vm", "haResources"],
  ["ha/rules.cfg", "node-affinity", "haRules"],
  ["jobs.cfg", "vzdump", "backupJobs", "realmSyncJobs"],
  ["mapping/directory.cfg", "dir", "dirMappings"],
  ["mapping/pci.cfg", "pci", "pciMappings"],
  ["mapping/usb.cfg", "usb", "usbMappings"],
  ["notifications.cfg", "matcher", "notificationEndpoints", "matchers"],
  ["replication.cfg", "local", "replicationJobs"],
  ["status.cfg", "metric", "metricServers"],
];

/** /etc/pve as a node sees it: https://pve.proxmox.com/wiki/Proxmox_Cluster_File_System_(pmxcfs) */
export function clusterFiles(world: World, node: string, certificateAuthority: string): View {
  const { state } = world;
  const files: Record<string, View[string]> = {
    local: { link: `nodes/${node}` },
    lxc: { link: `nodes/${node}/lxc` },
    openvz: { link: `nodes/${node}/openvz` },
    "qemu-server": { link: `nodes/${node}/qemu-server` },
    firewall: "folder",
    priv: "folder",
    "pve-root-ca.pem": text(() => certificateAuthority),
    "storage.cfg": text(() => renderStorages(state)),
    "user.cfg": text(() => renderUsers(state)),
    "datacenter.cfg": text(() => renderSettings(state.datacenter)),
    "domains.cfg": text(() => renderSections(state.access.realms, ({ type = "pam" }) => type)),
    "corosync.conf": text(() => renderCorosync(state)),
    ...sectionTexts(state),
    ...firewallTexts(state),
    ...nodeFolders(state),
    ...Object.fromEntries(Object.values(state.guests).map((guest) => [guestPath(guest), guestText(world, guest)])),
  };
  return Object.fromEntries(Object.entries(files).map(([path, file]) => [`/etc/pve/${path}`, file]));
}

function sectionTexts({ sections }: ClusterState): Record<string, TextFile> {
  const there = sectionFiles.filter(([, , ...names]) => names.some((name) => Object.keys(sections[name]).length > 0));
  return Object.fromEntries(
    there.map(([path, type, ...names]) => {
      const all = names.map((name) => renderSections(sections[name], (section) => section["type"] ?? type));
      return [path, text(() => all.join(""))];
    }),
  );
}

function firewallTexts({ firewall, guests, nodes }: ClusterState): Record<string, TextFile> {
  const written = [
    ["firewall/cluster.fw", renderFirewall(firewall)] as const,
    ...Object.values(guests).map((guest) => [`firewall/${guest.vmid}.fw`, renderFirewall(guest.firewall)] as const),
    ...Object.values(nodes).map((node) => [`nodes/${node.name}/host.fw`, renderFirewall(node.firewall)] as const),
  ];
  return Object.fromEntries(
    written.filter(([, rules]) => rules !== "").map(([path, rules]) => [path, text(() => rules)]),
  );
}

function nodeFolders({ nodes }: ClusterState): Record<string, View[string]> {
  const entries = Object.values(nodes).flatMap(({ name, config }): [string, View[string]][] => [
    [`nodes/${name}/lxc`, "folder"],
    [`nodes/${name}/openvz`, "folder"],
    [`nodes/${name}/priv`, "folder"],
    [`nodes/${name}/qemu-server`, "folder"],
    ...(Object.keys(config).length === 0
      ? []
      : [[`nodes/${name}/config`, text(() => renderSettings(config))] as [string, TextFile]]),
  ]);
  return Object.fromEntries(entries);
}

function guestPath({ node, type, vmid }: Guest): string {
  return `nodes/${node}/${type === "lxc" ? "lxc" : "qemu-server"}/${vmid}.conf`;
}

function guestText(world: World, guest: Guest): TextFile {
  const { type, node, vmid } = guest;
  return {
    mode: privateMode,
    read: () => renderGuestConfig(guest),
    write: (content) => {
      readGuestConfig(world.guest(type, node, vmid), content);
    },
  };
}

function renderCorosync({ name, nodes }: ClusterState): string {
  const members = Object.values(nodes).map(
    (node) =>
      `  node {\n    name: ${node.name}\n    nodeid: ${node.id}\n    quorum_votes: 1\n    ring0_addr: ${node.address}\n  }\n`,
  );
  return [
    "logging {\n  debug: off\n  to_syslog: yes\n}\n",
    `nodelist {\n${members.join("")}}\n`,
    "quorum {\n  provider: corosync_votequorum\n}\n",
    `totem {\n  cluster_name: ${name}\n  config_version: ${Object.keys(nodes).length}\n  interface {\n    linknumber: 0\n  }\n`,
    "  ip_version: ipv4-6\n  link_mode: passive\n  secauth: on\n  version: 2\n}\n",
  ].join("\n");
}

function text(read: () => string): TextFile {
  return { read, mode: privateMode };
}
