import { z } from "zod";
import { showValue } from "../show-value.ts";

/** services.yaml, grafana. */
export const Grafana = z.strictObject({
  version: z
    .string()
    .regex(/^\d+\.\d+\.\d+(?:\+security-\d+)?$/, {
      error: ({ input }) =>
        `${showValue(input)} is not a version of Grafana. | Write one from https://grafana.com/grafana/download, such as 13.2.3.`,
    })
    .describe("Of the package in Grafana's own repository."),
  adminUser: z
    .string()
    .regex(/^[a-z][a-z0-9_-]{0,31}$/, {
      error: ({ input }) =>
        `${showValue(input)} is not a login. | Use up to 32 lower-case letters, digits, - and _, such as admin.`,
    })
    .default("admin")
    .describe("Who may do everything; it counts at the first start, and is renamed in Grafana afterwards."),
});
