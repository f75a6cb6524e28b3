import { ApiError } from "../api-error.ts";
import type { Handlers } from "../handlers.ts";
import { splitList } from "../lists.ts";
import { pciDevicesOf, usbDevicesOf } from "../node/hardware.ts";
import { builtInModels, cpuFlags, cpuModels } from "../qemu/cpu-models.ts";
import type { World } from "../world.ts";

/** Memory controllers, bridges and processors: nothing that one gives to a guest. */
const dull = "05;06;0b";
const machineVersions = [
  "11.0",
  "10.2",
  "10.1",
  "10.0+pve1",
  "10.0",
  "9.2+pve1",
  "9.2",
  "9.1",
  "9.0",
  "8.2",
  "8.1",
  "8.0",
];
const olderVersions = ["7.2", "7.1", "7.0", "6.2", "6.1", "6.0", "5.2", "5.1", "5.0", "4.2", "4.1", "4.0"];

/** What is in the machines, and what QEMU makes of it. */
export const nodeHardwareHandlers: Handlers = {
  "GET /nodes/{node}/hardware/pci": ({ node, verbose = true, "pci-class-blacklist": hidden = dull }, { world }) => {
    const prefixes = splitList(hidden);
    return pciDevicesOf(world.node(node))
      .filter((device) => !prefixes.some((prefix) => device.class.slice(2).startsWith(prefix.replace(/^0x/, ""))))
      .map((device) => {
        if (verbose) return device;
        const { id, class: kind, vendor, device: name, iommugroup } = device;
        return { id, class: kind, vendor, device: name, iommugroup };
      });
  },
  "GET /nodes/{node}/hardware/pci/{pci-id-or-mapping}/mdev": ({ node, ...rest }, { world }) => {
    const id = rest["pci-id-or-mapping"];
    const full = /^[0-9a-f]{2}:/i.test(id) ? `0000:${id}` : id;
    if (!pciDevicesOf(world.node(node)).some((device) => device.id === full)) {
      throw new ApiError(501, "the simulator does not know mediated devices of mappings yet");
    }
    return [];
  },
  "GET /nodes/{node}/hardware/usb": ({ node }, { world }) => usbDevicesOf(world.node(node)),
  "GET /nodes/{node}/capabilities/qemu/cpu": ({ arch = "x86_64" }, { world, session }) => {
    if (arch !== "x86_64") throw new ApiError(501, `the simulator does not know CPUs of ${arch} yet`);
    const custom = Object.keys(world.state.sections.cpuModels)
      .filter((name) => world.may(session, `/mapping/cpu/${name}`, "Mapping.Audit", "Mapping.Use", "Mapping.Modify"))
      .map((name) => ({ name: `custom-${name}`, custom: 1 as const, vendor: vendorOf(world, name) }));
    const abstract = builtInModels.map((name) => ({
      name,
      custom: 0 as const,
      abstract: 1 as const,
      vendor: "default",
    }));
    const models = Object.entries(cpuModels).map(([name, vendor]) => ({ name, custom: 0 as const, vendor }));
    return [...custom, ...abstract, ...models];
  },
  "GET /nodes/{node}/capabilities/qemu/cpu-flags": (_parameters, { world }) =>
    cpuFlags.map((name) => ({ name, "supported-on": nodesWith(world, name) })),
  "GET /nodes/{node}/capabilities/qemu/machines": ({ arch = "x86_64" }) => {
    if (arch !== "x86_64") throw new ApiError(501, `the simulator does not know machines of ${arch} yet`);
    return (["i440fx", "q35"] as const).flatMap((type) =>
      [...machineVersions, ...olderVersions].map((version) => ({ id: `pc-${type}-${version}`, type, version })),
    );
  },
  "GET /nodes/{node}/capabilities/qemu/migration": () => ({ "has-dbus-vmstate": 1 }),
};

function vendorOf({ state }: World, name: string): string {
  const reported = state.sections.cpuModels[name]?.["reported-model"] ?? "kvm64";
  return cpuModels[reported] ?? "default";
}

/** Flags of one maker are on its machines only. */
export function nodesWith({ state }: World, flag: string): string[] {
  return Object.values(state.nodes)
    .filter(({ cpu }) => {
      const amd = cpu.model.includes("AMD");
      return flag.startsWith("amd-") || flag === "virt-ssbd"
        ? amd
        : flag === "hv-evmcs" || flag === "pcid"
          ? !amd
          : true;
    })
    .map(({ name }) => name);
}
