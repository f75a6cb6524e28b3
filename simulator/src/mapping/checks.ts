import { nodeFileSystem } from "../node-files/node-file-system.ts";
import { pciDevicesOf, usbDevicesOf } from "../node/hardware.ts";
import type { NodeState } from "../state/node.ts";
import type { World } from "../world.ts";

/** What is mapped. */
export type MappingKind = "dir" | "pci" | "usb";

/** What a mapping says of one node. */
export type MappingEntry = Readonly<Record<string, string>>;

/** What is wrong with a mapping's entry on its node; undefined where that has what the entry says. */
export function entryProblem(
  world: World,
  kind: MappingKind,
  id: string,
  node: NodeState,
  entry: MappingEntry,
): string | undefined {
  if (kind === "dir") return folderProblem(world, node, entry);
  return kind === "pci" ? pciProblem(id, node, entry) : usbProblem(id, node, entry);
}

function folderProblem(world: World, { name }: NodeState, { path = "" }: MappingEntry): string | undefined {
  const files = nodeFileSystem(world, name, world.certificate?.ca ?? "");
  if (!files.exists(path)) return `Path ${path} does not exist`;
  return files.stat(path).kind === "folder" ? undefined : `Path ${path} exists, but is not a directory`;
}

/** The first of several devices tells for all in which IOMMU group they are. */
function pciProblem(name: string, node: NodeState, entry: MappingEntry): string | undefined {
  for (const [index, text] of (entry["path"] ?? "").split(";").entries()) {
    const path = /\.[a-f0-9]/i.test(text) ? text : `${text}.0`;
    const device = pciDevicesOf(node).find(({ id }) => id === path);
    if (device === undefined) return `pci device '${path}' not found`;
    const actual = { id: `${device.vendor}:${device.device}`, iommugroup: String(device.iommugroup) };
    for (const key of ["id", "iommugroup"] as const) {
      if (key === "iommugroup" && index > 0) continue;
      const [is, says] = [actual[key].replaceAll("0x", ""), entry[key]];
      if (says === undefined) return `no '${key}' for device '${path}'`;
      if (is !== says) return `'${key}' does not match for '${name}' (${is} != ${says})`;
    }
  }
  return undefined;
}

function usbProblem(name: string, node: NodeState, { id = "", path }: MappingEntry): string | undefined {
  const devices = usbDevicesOf(node).map((device) => ({
    id: `${device.vendid}:${device.prodid}`,
    path: device.usbpath === undefined ? undefined : `${device.busnum}-${device.usbpath}`,
  }));
  if (path === undefined) {
    return devices.some((device) => device.id === id) ? undefined : `usb device '${id}' not found`;
  }
  const device = devices.find((candidate) => candidate.path === path);
  if (device === undefined) return `usb device '${path}' not found`;
  return device.id === id ? undefined : `'id' does not match for '${name}' (${device.id} != ${id})`;
}
