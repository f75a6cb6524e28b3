import { z } from "zod";
import { Count, Duration, Hostname, Ipv4Address, Key, Port, Reason, Size, StorageId, Tag, Vmid } from "./scalars.ts";

/** Where a volume is kept and how big it is. */
export const Volume = z.strictObject({ storage: StorageId, size: Size });

/** What a guarded guest lets in and out; anything else is dropped. */
const Firewall = z.strictObject({
  /** TCP ports that anyone may reach. */
  publish: z.array(Port).default([]),
  /** Guests whose service it may reach. */
  backends: z.array(Hostname).default([]),
  /** TCP ports that it may reach in the internet, but not in our networks. */
  internet: z.array(z.strictObject({ port: Port, reason: Reason })).default([]),
});

/** What every guest has, container or machine. */
export const guest = {
  node: Hostname,
  /** Derived from VLAN and address where it is left out. */
  vmid: Vmid.optional(),
  network: Hostname,
  address: Ipv4Address,
  /** Name in images.yaml. */
  image: Key,
  cores: Count,
  memory: Size,
  disk: Volume,
  tags: z.array(Tag).default([]),
  /** The software that it is for; some has requirements of its own. */
  runs: z.enum(["gitlab", "grafana", "influxdb", "prometheus", "traefik"]).optional(),
  /** Where that software listens. */
  service: z.strictObject({ protocol: z.enum(["http", "https", "tcp"]), port: Port }).optional(),
  /** The service of which this is one replica among several; no two of them share a node. */
  replicaOf: Key.optional(),
  /** Who may reach it. */
  exposure: z.enum(["internal", "internet"]).default("internal"),
  /** What speaks against a container. */
  needs: z.array(z.enum(["docker", "isolation", "kernel"])).default([]),
  /** For what stands in the DMZ. */
  firewall: Firewall.optional(),
  startup: z
    .strictObject({
      /** Guests with a lower number start first. */
      order: z.int().min(0, { error: "The order is negative. | Write a whole number from 0 up." }),
      /** How long the next one waits. */
      delay: Duration,
    })
    .default({ order: 50, delay: 0 }),
} as const;
