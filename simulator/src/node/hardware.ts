import type { NodeState } from "../state/node.ts";

/** A PCI device. */
export interface PciDevice {
  readonly [key: string]: unknown;
  readonly id: string;
  readonly class: string;
  readonly vendor: string;
  readonly device: string;
  readonly iommugroup: number;
  readonly vendor_name: string;
  readonly device_name: string;
}

/** A USB device. */
export interface UsbDevice {
  readonly [key: string]: unknown;
  readonly busnum: number;
  readonly devnum: number;
  readonly level: number;
  readonly port: number;
  readonly class: number;
  readonly speed: string;
  readonly vendid: string;
  readonly prodid: string;
  readonly manufacturer?: string;
  readonly product?: string;
  readonly usbpath?: string;
}

const makers: Readonly<Record<string, string>> = {
  "1022": "Advanced Micro Devices, Inc. [AMD]",
  "1002": "Advanced Micro Devices, Inc. [AMD/ATI]",
  "10ec": "Realtek Semiconductor Co., Ltd.",
  "144d": "Samsung Electronics Co Ltd",
  "14c3": "MEDIATEK Corp.",
  "8086": "Intel Corporation",
  c0a9: "Micron/Crucial Technology",
};

/** Minisforum MS-01: address, class, vendor:device, IOMMU group, name. */
const ms01 = pciDevices([
  ["00:00.0", "060000", "8086:a706", 1, "Raptor Lake-P/U 4p+8e cores Host Bridge/DRAM Controller"],
  ["00:02.0", "030000", "8086:a7a0", 0, "Raptor Lake-P [Iris Xe Graphics]"],
  ["00:0d.0", "0c0330", "8086:a71e", 4, "Raptor Lake-P Thunderbolt 4 USB Controller"],
  ["00:14.0", "0c0330", "8086:51ed", 5, "Alder Lake PCH USB 3.2 xHCI Host Controller"],
  ["00:14.2", "050000", "8086:51ef", 5, "Alder Lake PCH Shared SRAM"],
  ["00:1f.0", "060100", "8086:519d", 14, "Raptor Lake LPC/eSPI Controller"],
  ["00:1f.3", "040300", "8086:51ca", 14, "Raptor Lake-P/U/H cAVS"],
  ["01:00.0", "020000", "8086:125c", 15, "Ethernet Controller I226-V"],
  ["02:00.0", "020000", "8086:125b", 16, "Ethernet Controller I226-LM"],
  ["03:00.0", "010802", "144d:a810", 17, "NVMe SSD Controller 9100 PRO [PM9E1]"],
  ["04:00.0", "010802", "144d:a810", 18, "NVMe SSD Controller 9100 PRO [PM9E1]"],
  ["05:00.0", "020000", "8086:1572", 19, "Ethernet Controller X710 for 10GbE SFP+"],
  ["05:00.1", "020000", "8086:1572", 20, "Ethernet Controller X710 for 10GbE SFP+"],
  ["06:00.0", "028000", "14c3:0608", 21, "MT7921K (RZ608) Wi-Fi 6E 80MHz"],
]);

/** Beelink EQR6. */
const eqr6 = pciDevices([
  ["00:00.0", "060000", "1022:14b5", 0, "Family 17h-19h PCIe Root Complex"],
  ["01:00.0", "020000", "10ec:8168", 8, "RTL8111/8168/8211/8411 PCI Express Gigabit Ethernet Controller"],
  ["02:00.0", "020000", "10ec:8168", 9, "RTL8111/8168/8211/8411 PCI Express Gigabit Ethernet Controller"],
  ["03:00.0", "010802", "c0a9:5427", 10, "P3 Plus NVMe PCIe SSD (DRAM-less)"],
  ["04:00.0", "010802", "c0a9:5427", 11, "P3 Plus NVMe PCIe SSD (DRAM-less)"],
  ["05:00.0", "028000", "8086:2725", 12, "Wi-Fi 6E(802.11ax) AX210/AX1675* 2x2 [Typhoon Peak]"],
  ["e4:00.0", "030000", "1002:1681", 13, "Rembrandt [Radeon 680M]"],
  ["e4:00.1", "040300", "1002:1640", 14, "Rembrandt Radeon High Definition Audio Controller"],
  ["e4:00.3", "0c0330", "1022:161d", 15, "Rembrandt USB4 XHCI controller #3"],
  ["e4:00.6", "040300", "1022:15e3", 16, "Family 17h/19h/1ah HD Audio Controller"],
]);

/** The PCI devices of a node's machine. */
export function pciDevicesOf({ cpu }: NodeState): readonly PciDevice[] {
  return cpu.model.includes("AMD") ? eqr6 : ms01;
}

/** The USB devices of a node's machine: the hubs in it, and its Bluetooth. */
export function usbDevicesOf({ cpu }: NodeState): UsbDevice[] {
  const hub = { devnum: 1, level: 0, port: 0, class: 9, vendid: "1d6b", manufacturer: "Linux xhci-hcd" };
  const bluetooth = cpu.model.includes("AMD")
    ? { vendid: "8087", prodid: "0032", manufacturer: "Intel Corp.", product: "AX210 Bluetooth" }
    : { vendid: "0e8d", prodid: "0608", manufacturer: "MediaTek Inc.", product: "Wireless_Device" };
  return [
    { ...hub, busnum: 1, prodid: "0002", speed: "480", product: "xHCI Host Controller" },
    { ...hub, busnum: 2, prodid: "0003", speed: "10000", product: "xHCI Host Controller" },
    { busnum: 1, devnum: 2, level: 1, port: 9, class: 224, speed: "480", usbpath: "10", ...bluetooth },
  ];
}

type Row = readonly [address: string, kind: string, ids: string, group: number, name: string];

function pciDevices(rows: readonly Row[]): PciDevice[] {
  return rows.map(([address, kind, ids, iommugroup, name]) => {
    const [vendor = "", device = ""] = ids.split(":");
    return {
      id: `0000:${address}`,
      class: `0x${kind}`,
      vendor: `0x${vendor}`,
      device: `0x${device}`,
      iommugroup,
      vendor_name: makers[vendor] ?? vendor,
      device_name: name,
    };
  });
}
