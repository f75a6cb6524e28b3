import { z } from "zod";
import { OnDrift } from "../on-drift.ts";
import { showValue } from "../show-value.ts";

const name = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, {
  error: ({ input }) =>
    `${showValue(input)} is not a name. | Use up to 63 lower-case letters, digits and hyphens, and begin with a letter.`,
});

/** services.yaml, influxdb. */
export const InfluxDb = z.strictObject({
  version: z
    .string()
    .regex(/^2\.\d+\.\d+$/, {
      error: ({ input }) =>
        `${showValue(input)} is not a version of InfluxDB 2. | Write one from https://docs.influxdata.com/influxdb/v2/reference/release-notes/influxdb/, such as 2.9.1.`,
    })
    .describe("Of the package in InfluxData's own repository."),
  organization: name.default("homelab"),
  bucket: name.default("proxmox").describe("What Proxmox VE measures goes there."),
  retention: z
    .string({ error: "There is no retention. | Write a number of days, such as 730 d." })
    .regex(/^[1-9]\d* ?d$/, {
      error: ({ input }) => `${showValue(input)} is not a span of days. | Write a whole number and d, such as 730 d.`,
    })
    .transform((text) => Number.parseInt(text, 10) * 86_400)
    .refine((seconds) => seconds >= 7 * 86_400, {
      error: "InfluxDB drops a week at a time. | Write 7 d or more, such as 730 d.",
    })
    .describe("How long measurements are kept."),
  adminUser: name.default("admin").describe("Who may do everything; it counts when InfluxDB is set up."),
  onDrift: OnDrift.describe("As for guests, of the metric server; what is in the guest goes by the guest."),
});
