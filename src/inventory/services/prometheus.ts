import { z } from "zod";
import { Duration, Period, Size } from "../scalars.ts";
import { showValue } from "../show-value.ts";

const Version = z.string().regex(/^\d+\.\d+\.\d+$/, {
  error: ({ input }) => `${showValue(input)} is not a version. | Write three numbers in quotes, such as "2.53.3".`,
});

const Percentage = z
  .int({ error: ({ input }) => percentageError(input) })
  .min(1, { error: ({ input }) => percentageError(input) })
  .max(99, { error: ({ input }) => percentageError(input) });

const PveExporter = z.strictObject({
  version: Version.describe("Of prometheus-pve-exporter on PyPI; what it needs comes from Debian."),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, {
      error:
        "This is no SHA-256. | Copy the 64 hexadecimal digits of the wheel from https://pypi.org/project/prometheus-pve-exporter/#files.",
    })
    .describe("Of its wheel."),
  authority: z
    .enum(["cluster", "public"])
    .default("cluster")
    .describe("Who signed the nodes' certificates: Proxmox VE's own authority, or one that Debian trusts."),
});

const Alerts = z.strictObject({
  capacity: Percentage.default(85).describe("Per cent of a pool, storage or file system that may be in use."),
  backupGrace: Period.default(12 * 3600).describe("How much later than scheduled a backup may be there."),
  scrub: Period.default(40 * 86_400).describe("How old the last scrub of a pool may be; Debian scrubs each month."),
  certificate: Period.default(14 * 86_400).describe("How long a certificate has to be valid still."),
});

const jobNames = [
  "prometheus",
  "node",
  "grafana",
  "influxdb",
  "traefik",
  "gitlab",
  "pve",
  "certificates",
  "talos",
  "dmz-closed",
] as const;

const ScrapeInterval = Duration.refine((seconds) => seconds >= 5, {
  error: "This is more often than a homelab can use. | Write 5 s or more, such as 30 s.",
});

const ScrapeIntervals = z.strictObject(
  Object.fromEntries(jobNames.map((name) => [name, ScrapeInterval.optional()])) as Readonly<
    Record<ScrapeJobName, z.ZodOptional<typeof ScrapeInterval>>
  >,
);

/** services.yaml, prometheus. */
export const Prometheus = z.strictObject({
  version: Version.describe("Of Debian's package; its security upgrades keep the version."),
  blackboxExporter: Version.describe("The version of Debian's prometheus-blackbox-exporter."),
  scrapeInterval: ScrapeInterval.default(30).describe("How often each exporter is asked, if nothing else is said."),
  scrapeIntervals: ScrapeIntervals.default({}).describe("By job: how often those are asked that are slow or urgent."),
  retention: z
    .strictObject({
      time: Period.describe("How long measurements are kept."),
      size: Size.describe("How much room they may take; whichever limit is reached first counts."),
    })
    .describe("When old measurements are removed."),
  alerts: Alerts.prefault({}),
  pveExporter: PveExporter.optional().describe("Asks Proxmox VE itself, with a token that may only read."),
});

/** Which exporter of Proxmox VE is installed, and how it knows the nodes. */
export type PveExporterSettings = z.infer<typeof PveExporter>;

/** What Prometheus calls those that it asks together. */
export type ScrapeJobName = (typeof jobNames)[number];

/** When alerts are due. */
export type AlertSettings = z.infer<typeof Alerts>;

function percentageError(input: unknown): string {
  return `${showValue(input)} is no percentage. | Write a whole number from 1 to 99.`;
}
