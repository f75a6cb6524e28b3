import { z } from "zod";
import { OnDrift } from "./on-drift.ts";
import { Key, StorageId } from "./scalars.ts";
import { Line } from "./texts.ts";
import { showValue } from "./show-value.ts";

const digits = { sha256: 64, sha512: 128 } as const;

const Checksum = z
  .strictObject({ algorithm: z.enum(["sha256", "sha512"]), value: z.string() })
  .refine(({ algorithm, value }) => new RegExp(`^[0-9a-f]{${digits[algorithm]}}$`).test(value), {
    path: ["value"],
    error: "The checksum does not have the length that its algorithm makes. | Copy all of it, in lower case.",
  });

const Url = z.string().regex(/^https?:\/\/[A-Za-z0-9.:@[\]_-]+\/[A-Za-z0-9._~:/?#[\]@!$&()*+,;=%-]+$/, {
  error: ({ input }) => `${showValue(input)} is not the address of a file. | Write http:// or https:// and the rest.`,
});

const common = { storage: StorageId, checksum: Checksum.optional(), onDrift: OnDrift };

/** The name of a downloaded file must say its format: Proxmox goes by the ending. */
const fileName = (ending: RegExp, example: string) =>
  z.string().regex(ending, {
    error: ({ input }) =>
      `${showValue(input)} has not the ending that Proxmox asks for. | Write one such as ${example}.`,
  });

/** images.yaml: what guests are made from, downloaded to the nodes that need it. */
export const Images = z.record(
  Key,
  z.discriminatedUnion("kind", [
    z.strictObject({
      kind: z.literal("containerTemplate"),
      ...common,
      url: Url,
      fileName: fileName(/^[\w.+-]+\.tar\.(?:gz|xz|zst)$/, "debian-13.tar.zst"),
      distribution: z.enum(["alpine", "debian", "ubuntu"]),
      nesting: z
        .boolean()
        .default(false)
        .describe("Whether the init system in it needs nesting: systemd does from 257 on."),
    }),
    z.strictObject({
      kind: z.literal("cloudImage"),
      ...common,
      url: Url,
      fileName: fileName(/^[\w.+-]+\.(?:qcow2|raw|vmdk)$/, "debian-13.qcow2"),
    }),
    z.strictObject({
      kind: z.literal("talos"),
      ...common,
      version: z
        .string()
        .regex(/^v\d+\.\d+\.\d+$/, { error: "This is no release of Talos. | Write one such as v1.11.5." }),
      schematic: z
        .string()
        .regex(/^[0-9a-f]{64}$/, { error: "This is no schematic. | Copy the 64 digits from the factory." })
        .describe("What https://factory.talos.dev answers for the extensions."),
      extensions: z.array(Line).default([]),
    }),
  ]),
);

/** One image as the inventory describes it. */
export type Image = z.infer<typeof Images>[string];
