import { z } from "zod";
import { Count, Duration, Hostname, Port, StorageId } from "../scalars.ts";
import { absolutePath, Line } from "../texts.ts";
import { showValue } from "../show-value.ts";

const Version = z.string().regex(/^(?:1[89]|[2-9]\d)\.\d{1,2}\.\d{1,2}$/, {
  error: ({ input }) =>
    `${showValue(input)} is not a version of GitLab for Debian 13. | Write three numbers in quotes, such as "19.4.1"; there are packages from 18 on.`,
});

const Secret = z.string().regex(/^[a-z][a-zA-Z0-9]*$/, {
  error:
    "This is not the name of a setting. | Write a name such as gitlabSmtpPassword; the password itself never stands here.",
});

const Backup = z.strictObject({
  storage: StorageId.describe("Name in storage.yaml, of type nfs: its server takes the copies."),
  export: absolutePath("/volume1/gitlab").describe(
    "An export of its own there: who breaks into GitLab must not reach the guests' backups.",
  ),
  keepDays: Count.default(7).describe("How many days copies are kept."),
  lead: Duration.default(3600).describe("How long before its node's daily backup it begins."),
  timezone: z
    .string()
    .regex(/^[A-Za-z_]+(?:\/[A-Za-z0-9_+-]+)*$/, {
      error: ({ input }) =>
        `${showValue(input)} is not the name of a time zone. | Write one such as Europe/Berlin or UTC.`,
    })
    .default("UTC")
    .describe("The nodes' time zone, in which backups.yaml is meant."),
  skip: z
    .array(z.enum(["artifacts", "builds", "lfs", "packages", "pages", "registry", "terraform_state", "uploads"]))
    .default([])
    .describe("What can be made again, and is left out."),
});

const Smtp = z.strictObject({
  server: z.string().regex(/^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/i, {
    error: ({ input }) =>
      `${showValue(input)} is not the name or address of a server. | Write one such as mail.example.net.`,
  }),
  port: Port.default(587),
  from: z.email({ error: "This is not an e-mail address. | Write one such as gitlab@example.net." }),
  username: Line,
  passwordSecret: Secret.default("gitlabSmtpPassword"),
});

const Runner = z.strictObject({
  version: Version.describe("Of gitlab-runner; major and minor as GitLab's own."),
  registered: z
    .boolean()
    .default(false)
    .describe(
      "Whether it takes jobs: create a runner in GitLab (Admin, CI/CD, Runners), put its token (glrt-…) into the secret setting gitlabRunnerToken, and set this.",
    ),
});

/** services.yaml, gitlab. */
export const GitLab = z.strictObject({
  edition: z.enum(["ce", "ee"]).default("ce"),
  version: Version.describe("Of the Linux package; an upgrade must not pass over a required stop."),
  certificate: z
    .enum(["own", "selfSigned"])
    .default("selfSigned")
    .describe("Made in the guest, or given by the settings gitlabCertificate and gitlabCertificateKey."),
  registry: z.boolean().default(false).describe("Whether it keeps container images, at port 5050 of the same name."),
  pages: Hostname.optional().describe("Name below the domain whose own names are the sites: pages."),
  smtp: Smtp.optional().describe("Through which it sends mail; none without."),
  backup: Backup.optional(),
  runner: Runner.optional().describe("For a guest that runs gitlab-runner."),
});

/** GitLab as the inventory describes it. */
export type GitLab = z.infer<typeof GitLab>;
