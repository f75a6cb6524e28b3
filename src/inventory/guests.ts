import { z } from "zod";
import { OnDrift } from "./on-drift.ts";
import {
  Count,
  Duration,
  GuestName,
  Hostname,
  Ipv4Address,
  Key,
  NodeName,
  Port,
  Size,
  StorageId,
  Tag,
  Vmid,
} from "./scalars.ts";
import { Reason } from "./texts.ts";

/** Where a volume is kept and how big it is. */
export const Volume = z.strictObject({ storage: StorageId, size: Size });

/** What a guarded guest lets in and out; anything else is dropped. */
const Firewall = z.strictObject({
  publish: z.array(Port).default([]).describe("TCP ports that anyone may reach."),
  backends: z.array(GuestName).default([]).describe("Guests whose service it may reach."),
  internet: z
    .array(z.strictObject({ port: Port, reason: Reason }))
    .default([])
    .describe("TCP ports that it may reach in the internet, but not in our networks."),
});

/** What every guest has, container or machine. */
export const guest = {
  node: NodeName,
  vmid: Vmid.optional().describe("Derived from VLAN and address where it is left out."),
  network: Hostname,
  address: Ipv4Address,
  image: Key.describe("Name in images.yaml."),
  cores: Count,
  memory: Size,
  disk: Volume,
  tags: z.array(Tag).default([]),
  runs: z
    .enum(["gitlab", "gitlab-runner", "grafana", "influxdb", "prometheus", "traefik"])
    .optional()
    .describe("The software that it is for; some has requirements of its own."),
  service: z
    .strictObject({ protocol: z.enum(["http", "https", "tcp"]), port: Port })
    .optional()
    .describe("Where that software listens."),
  replicaOf: Key.optional().describe(
    "The service of which this is one replica among several; no two of them share a node.",
  ),
  exposure: z.enum(["internal", "internet"]).default("internal").describe("Who may reach it."),
  needs: z
    .array(z.enum(["docker", "isolation", "kernel"]))
    .default([])
    .describe("What speaks against a container."),
  firewall: Firewall.optional().describe("For what stands in the DMZ."),
  startup: z
    .strictObject({
      order: z
        .int()
        .min(0, { error: "The order is negative. | Write a whole number from 0 up." })
        .describe("Guests with a lower number start first."),
      delay: Duration.describe("How long the next one waits."),
    })
    .default({ order: 50, delay: 0 }),
  onDrift: OnDrift,
  disposable: z
    .boolean()
    .default(false)
    .describe("Whether a run may delete or replace the guest unasked, with everything in it."),
} as const;
