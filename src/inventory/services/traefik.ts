import { z } from "zod";
import { Count, Duration, GuestName, Ipv4Address } from "../scalars.ts";
import { Reason } from "../texts.ts";
import { showValue } from "../show-value.ts";

const Secret = z
  .string()
  .regex(/^[a-z][a-zA-Z0-9]*$/, {
    error: "This is not the name of a setting. | Write a name such as dnsToken; the secret itself never stands here.",
  })
  .describe("Name of a secret setting of the stack.");

const Authority = z
  .string()
  .regex(/^-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\n]+\n-----END CERTIFICATE-----\n*$/, {
    error: "This is not a certificate. | Copy all of it, from BEGIN CERTIFICATE to END CERTIFICATE, below a |.",
  })
  .describe("Certificate of the authority to trust, in PEM.");

const Directory = z.string().regex(/^https:\/\/[A-Za-z0-9.:[\]_-]+\/[A-Za-z0-9._~:/?#[\]@!$&()*+,;=%-]*$/, {
  error: ({ input }) =>
    `${showValue(input)} is not the directory of an ACME server. | Write https:// and the rest, such as https://ca.home.example.net/acme/acme/directory.`,
});

/** Let's Encrypt; its staging directory is acme-staging-v02. */
const letsEncrypt = "https://acme-v02.api.letsencrypt.org/directory";

const Certificates = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("dnsChallenge"),
    provider: z
      .string()
      .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, {
        error: "This is not the code of a provider. | Take it from https://go-acme.github.io/lego/dns/.",
      })
      .describe("Who serves the domain's DNS, by the code that https://go-acme.github.io/lego/dns/ gives it."),
    credentials: z
      .record(
        z.string().regex(/^[A-Z][A-Z0-9_]*$/, {
          error: ({ input }) =>
            `${showValue(input)} is not a variable. | Take its name from the provider's page at https://go-acme.github.io/lego/dns/.`,
        }),
        Secret,
      )
      .describe("What the provider asks for, each variable with the name of the secret setting that holds its value."),
    resolvers: z
      .array(Ipv4Address)
      .default([])
      .describe("Name servers that see what the internet sees, where the network's own answers for the domain itself."),
    server: Directory.default(letsEncrypt).describe("Let's Encrypt where it is left out."),
    authority: Authority.optional(),
  }),
  z.strictObject({
    kind: z.literal("file"),
    chain: z
      .string()
      .regex(/^(?:-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\n]+\n-----END CERTIFICATE-----\n*)+$/, {
        error: "This is not a certificate. | Copy it with all that come after it, in PEM, below a |.",
      })
      .describe("Certificate for all names below the domain, with those between it and its authority, in PEM."),
    keySecret: Secret,
  }),
]);

/** services.yaml, traefik: the proxies before all that is served by HTTP. */
export const Traefik = z.strictObject({
  version: z.string().regex(/^3\.\d+\.\d+$/, {
    error: ({ input }) => `${showValue(input)} is no release of Traefik 3. | Write one such as 3.7.10, without v.`,
  }),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, {
      error: "This is not a SHA-256. | Copy the 64 digits of linux_amd64.tar.gz from the release's checksums.txt.",
    })
    .describe("Of traefik_vVERSION_linux_amd64.tar.gz, as the release's checksums.txt has it."),
  email: z
    .email({ error: "This is not an address. | Write one that somebody reads." })
    .describe("Whom the authority writes to about certificates."),
  requestTimeout: Duration.default(600).describe(
    "How long one request may take to arrive: a push, a layer of an image, an upload.",
  ),
  internal: z
    .strictObject({ certificates: Certificates, dashboardPasswordSecret: Secret })
    .optional()
    .describe("For those that stand in our own networks."),
  dmz: z
    .strictObject({
      server: Directory.default(letsEncrypt).describe("Let's Encrypt where it is left out."),
      rate: Count.default(50).describe("Requests per second that one address may send in the long run."),
      burst: Count.default(200).describe("Requests that one address may send at once."),
      parallel: Count.default(64).describe("Requests of one address that are answered at the same time."),
    })
    .prefault({})
    .describe("For those that the internet reaches."),
  backends: z
    .record(
      GuestName,
      z.discriminatedUnion("certificate", [
        z.strictObject({ certificate: z.literal("authority"), authority: Authority }),
        z.strictObject({ certificate: z.literal("unchecked"), reason: Reason }),
      ]),
    )
    .default({})
    .describe(
      "What is asked of the certificate of guests that speak HTTPS themselves; who is not named here needs one that the public authorities vouch for.",
    ),
});
