import { z } from "zod";
import { Line, Reason } from "./texts.ts";

/** The rules that a written waiver can lift, by the name that their errors give. */
export const waivableRules = [
  "backup",
  "backupTarget",
  "disk",
  "docker",
  "exposure",
  "imageChecksum",
  "managementNetwork",
  "memory",
  "onlyCopy",
  "placement",
  "privileged",
  "replicas",
  "requirements",
] as const;

/** One of the rules that can be waived. */
export type WaivableRule = (typeof waivableRules)[number];

/** waivers.yaml: rules that do not hold for something, and why; printed on every run. */
export const Waivers = z
  .array(
    z.strictObject({
      rule: z.enum(waivableRules),
      subject: Line.describe("Path of what it is for: `containers.grafana`."),
      reason: Reason,
    }),
  )
  .default([]);
