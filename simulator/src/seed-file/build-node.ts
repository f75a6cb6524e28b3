import { createHash } from "node:crypto";
import type { Section } from "../state/cluster.ts";
import type { Disk, NodeState } from "../state/node.ts";
import { freshNode, rootPool } from "../state/seed.ts";
import type { SeedNode } from "./seed-schema.ts";

/** A node as the installer leaves it; pools besides `rpool` are made afterwards. */
export function buildNode(name: string, id: number, seed: SeedNode): NodeState {
  const { cpu, memory, bridges } = seed;
  const address = seed.address ?? `10.10.0.${10 + id}`;
  const fresh = freshNode(name, id, address);
  const disks = Object.keys(seed.disks).length === 0 ? { "/dev/nvme0n1": defaultDisk } : seed.disks;
  const [first = ""] = Object.keys(disks);
  const root = seed.pools === undefined ? { raid: "single" as const, disks: [first] } : seed.pools["rpool"];
  return {
    ...fresh,
    cpu: { ...cpu, threads: cpu.threads ?? cpu.cores },
    memory,
    disks: Object.fromEntries(Object.entries(disks).map(([path, disk]) => [path, buildDisk(name, path, disk)])),
    zpools: root === undefined ? {} : { rpool: rootPool(root.raid, [...root.disks], `1025120318732101${1000 + id}`) },
    interfaces: bridges === undefined ? fresh.interfaces : buildInterfaces(bridges),
  };
}

type SeedDisk = SeedNode["disks"][string];

const defaultDisk: SeedDisk = { model: "Samsung SSD 990 PRO 1TB", size: 1_000_204_886_016, wearout: 100 };

function buildDisk(node: string, path: string, { model, size, type, serial, wearout }: SeedDisk): Disk {
  // The same disk has the same numbers whenever the seed is read.
  const digits = createHash("sha1").update(`${node}${path}`).digest("hex");
  const kind = type ?? (path.startsWith("/dev/nvme") ? "nvme" : "ssd");
  return {
    model,
    serial: serial ?? digits.slice(0, 12).toUpperCase(),
    wwn: kind === "nvme" ? `eui.${digits.slice(12, 28)}` : `0x5${digits.slice(12, 27)}`,
    vendor: kind === "nvme" ? "unknown" : "ATA",
    type: kind,
    size,
    wearout,
    dead: false,
  };
}

function buildInterfaces(bridges: NonNullable<SeedNode["bridges"]>): Record<string, Section> {
  const ports = Object.values(bridges).flatMap((bridge) => bridge.ports);
  const physical = ports.map((port): [string, Section] => [
    port,
    { type: "eth", method: "manual", method6: "manual", exists: "1" },
  ]);
  const built = Object.entries(bridges).map(([name, bridge]): [string, Section] => [name, buildBridge(bridge)]);
  return Object.fromEntries([...physical, ...built]);
}

function buildBridge({ ports, address, gateway, vlanAware }: NonNullable<SeedNode["bridges"]>[string]): Section {
  return {
    type: "bridge",
    method: address === undefined ? "manual" : "static",
    method6: "manual",
    autostart: "1",
    ...(address === undefined ? {} : { cidr: address }),
    ...(gateway === undefined ? {} : { gateway }),
    bridge_ports: ports.join(" "),
    bridge_stp: "off",
    bridge_fd: "0",
    ...(vlanAware ? { bridge_vlan_aware: "1", bridge_vids: "2-4094" } : {}),
  };
}
