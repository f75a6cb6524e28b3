import { z } from "zod";
import { Origin } from "./nodes.ts";
import { OnDrift } from "./on-drift.ts";
import { NodeName, StorageId } from "./scalars.ts";
import { absolutePath, Line } from "./texts.ts";
import { showValue } from "./show-value.ts";

const Content = z.enum(["backup", "images", "import", "iso", "rootdir", "snippets", "vztmpl"]);

const common = {
  origin: Origin,
  content: z.array(Content).min(1, { error: "Nothing may be kept there. | Name a kind of content, such as images." }),
  nodes: z.array(NodeName).optional().describe("Where it is to be found; on all nodes by default."),
  onDrift: OnDrift,
};

const Server = z.string().regex(/^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/i, {
  error: ({ input }) =>
    `${showValue(input)} is not the name or address of a server. | Write nas.home.arpa or 10.10.0.20.`,
});

const Path = absolutePath("/var/lib/homelab");

/** Proxmox VE asks the server for it by its name, and finds none with a path in it. */
const Share = Line.refine((share) => !/[/\\]/.test(share), {
  error: ({ input }) => {
    const [share = "", ...folders] = String(input)
      .split(/[/\\]+/)
      .filter((part) => part !== "");
    return `${showValue(input)} is a share with a folder in it. | Write share: ${share}${folders.length === 0 ? "" : `, and subdir: /${folders.join("/")}`}.`;
  },
});

/** storage.yaml: Proxmox's storages by ID (https://pve.proxmox.com/pve-docs/chapter-pvesm.html). */
export const Storage = z.record(
  StorageId,
  z.discriminatedUnion("type", [
    z.strictObject({
      type: z.literal("zfspool"),
      ...common,
      pool: z
        .string()
        .regex(/^[a-z][a-z0-9_.:-]*(?:\/[a-z0-9][a-z0-9_.:-]*)*$/i, {
          error: ({ input }) =>
            `${showValue(input)} is not the name of a pool or a dataset. | Write one such as rpool/data.`,
        })
        .describe("A pool of its nodes, or a dataset in one: `rpool/data`."),
      thin: z.boolean().default(true),
    }),
    z.strictObject({ type: z.literal("dir"), ...common, path: Path }),
    z.strictObject({
      type: z.literal("nfs"),
      ...common,
      server: Server,
      export: Path,
      version: z.enum(["3", "4", "4.1", "4.2"]).default("4.2"),
    }),
    z.strictObject({
      type: z.literal("cifs"),
      ...common,
      server: Server,
      share: Share,
      subdir: Path.optional().describe(
        "The folder of the share that is mounted, such as /backup; all of it by default.",
      ),
      username: Line,
      passwordSecret: z
        .string()
        .regex(/^[a-z][a-zA-Z0-9]*$/, {
          error:
            "This is not the name of a setting. | Write a name such as hetznerPassword; the password itself never stands here.",
        })
        .describe("Name of the secret setting of the stack that holds the password."),
      smbVersion: z.enum(["3", "3.0", "3.11"]).default("3.11"),
      options: z
        .array(
          z.string().regex(/^[a-z_]+(?:=[A-Za-z0-9_.@:/+-]+)?$/, {
            error: ({ input }) =>
              `${showValue(input)} is not an option of a mount. | Write one such as seal, each on its own.`,
          }),
        )
        .default(["seal"])
        .describe("Options of the mount; `seal` encrypts what is sent."),
    }),
  ]),
);

/** One storage as the inventory describes it. */
export type Storage = z.infer<typeof Storage>[string];
