import { parse } from "yaml";
import { ApiError } from "../api-error.ts";
import type { Guest } from "../state/guest.ts";
import type { World } from "../world.ts";
import { cpusOf, memoryOf } from "./describe.ts";
import { bootDisk } from "./drives.ts";
import { guestInterfaces } from "./guest-network.ts";
import { textOf } from "./guest-system.ts";
import { systemIn } from "./images.ts";
import { parseSize } from "../guest/sizes.ts";

const mib = 2 ** 20;
const blockSize = 128 * mib;

/** The version of QEMU's guest agent in the guests. */
const version = "10.0.3";

/**
 * A machine whose agent answers.
 * @throws {ApiError} 500 in the words of PVE::QemuServer::Agent
 */
export function requireAgent(world: World, node: string, vmid: number): Guest {
  const guest = world.guest("qemu", node, vmid);
  if (guest.config["agent"] === undefined) throw new ApiError(500, "No QEMU guest agent configured");
  if (guest.status !== "running") throw new ApiError(500, `VM ${vmid} is not running`);
  if (!guest.inside.agent || guest.paused === true) throw new ApiError(500, "QEMU guest agent is not running");
  return guest;
}

/** What the agent answers to commands without parameters that change nothing: `guest-…`. */
export const agentQueries: Readonly<Record<string, (world: World, guest: Guest) => unknown>> = {
  ping: () => ({}),
  info: () => ({
    version,
    supported_commands: supportedCommands.map((name) => ({ name, enabled: true, "success-response": true })),
  }),
  "get-time": (world) => world.clock.now().getTime() * 1_000_000,
  "get-timezone": (_world, { inside }) => timezoneOf(textOf(inside, "/etc/timezone").trim()),
  "get-host-name": (_world, { inside }) => ({ "host-name": inside.hostname }),
  "get-osinfo": describeSystem,
  "get-users": () => [],
  "get-vcpus": (_world, guest) =>
    Array.from({ length: cpusOf(guest, Infinity) }, (_, index) => ({
      "logical-id": index,
      online: true,
      "can-offline": index > 0,
    })),
  "get-fsinfo": describeFileSystems,
  "get-memory-block-info": () => ({ size: blockSize }),
  "get-memory-blocks": (_world, guest) =>
    Array.from({ length: Math.ceil((memoryOf(guest) * mib) / blockSize) }, (_, index) => ({
      "phys-index": index,
      online: true,
      "can-offline": true,
    })),
  "network-get-interfaces": (_world, guest) => listInterfaces(guest),
};

const supportedCommands = [
  "guest-exec",
  "guest-exec-status",
  "guest-file-close",
  "guest-file-flush",
  "guest-file-open",
  "guest-file-read",
  "guest-file-seek",
  "guest-file-write",
  "guest-fsfreeze-freeze",
  "guest-fsfreeze-status",
  "guest-fsfreeze-thaw",
  "guest-fstrim",
  "guest-get-fsinfo",
  "guest-get-host-name",
  "guest-get-memory-block-info",
  "guest-get-memory-blocks",
  "guest-get-osinfo",
  "guest-get-time",
  "guest-get-timezone",
  "guest-get-users",
  "guest-get-vcpus",
  "guest-info",
  "guest-network-get-interfaces",
  "guest-ping",
  "guest-set-user-password",
  "guest-shutdown",
];

function describeSystem(_world: World, { inside }: Guest) {
  const release = Object.fromEntries(
    textOf(inside, "/usr/lib/os-release")
      .split("\n")
      .filter((line) => line.includes("="))
      .map((line) => {
        const [name = "", ...rest] = line.split("=");
        const value: unknown = parse(rest.join("="));
        return [name, String(value)] as const;
      }),
  );
  const { kernel } = systemIn(`${release["ID"] ?? ""}-${release["VERSION_ID"] ?? ""}`);
  return {
    id: release["ID"] ?? "linux",
    name: release["NAME"] ?? "Linux",
    "pretty-name": release["PRETTY_NAME"] ?? "Linux",
    version: release["VERSION"] ?? "",
    "version-id": release["VERSION_ID"] ?? "",
    "kernel-release": kernel,
    "kernel-version": "#1 SMP PREEMPT_DYNAMIC",
    machine: "x86_64",
  };
}

function describeFileSystems(_world: World, { config }: Guest) {
  const total = parseSize(bootDisk(config)?.["size"] ?? "0");
  return [
    {
      name: "sda1",
      mountpoint: "/",
      type: "ext4",
      "total-bytes": Math.round(total * 0.93),
      "total-bytes-privileged": Math.round(total * 0.98),
      "used-bytes": Math.min(Math.round(total * 0.93), 1200 * mib),
      disk: [
        {
          bus: 0,
          "bus-type": "scsi",
          dev: "/dev/sda1",
          "pci-controller": { bus: 9, domain: 0, function: 0, slot: 1 },
          serial: "0QEMU_QEMU_HARDDISK_drive-scsi0",
          target: 0,
          unit: 0,
        },
      ],
    },
  ];
}

function listInterfaces(guest: Guest) {
  const counters = Object.fromEntries(
    ["rx", "tx"].flatMap((way) => ["bytes", "dropped", "errs", "packets"].map((what) => [`${way}-${what}`, 0])),
  );
  const all = [
    { name: "lo", mac: "00:00:00:00:00:00", addresses: ["127.0.0.1/8", "::1/128"] },
    ...guestInterfaces(guest),
  ];
  return all.map(({ name, mac, addresses }) => ({
    name,
    "hardware-address": mac,
    "ip-addresses": addresses.map((cidr) => {
      const [address = "", prefix = ""] = cidr.split("/");
      return {
        "ip-address": address,
        "ip-address-type": address.includes(":") ? "ipv6" : "ipv4",
        prefix: Number(prefix),
      };
    }),
    statistics: counters,
  }));
}

function timezoneOf(name: string) {
  const zone = name === "" || name === "Etc/UTC" ? "UTC" : name;
  return { zone, offset: 0 };
}
