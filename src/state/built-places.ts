import { z } from "zod";
import { nameOf, typeOf } from "../adopt/sort-resources.ts";
import type { StateResource } from "./state-resource.ts";

/** A storage whose entry the stack has created. */
export interface BuiltStorage {
  /** Logical name and storage ID. */
  readonly name: string;
  readonly type: "cifs" | "dir" | "nfs" | "zfspool";
  /** What the entry shows, as `StoragePlan.location` writes it. */
  readonly location: string;
  readonly nodes: readonly string[];
  readonly content: readonly string[];
  /** Of a pool's storage. */
  readonly thin: boolean | undefined;
  /** Options of the mount of a share, and who logs in there. */
  readonly options: string | undefined;
  readonly username: string | undefined;
  /** Whether the last run has let it go: the next one forgets it, and it stays as it is. */
  readonly released: boolean;
}

/** A file that a node has downloaded. */
export interface BuiltImage {
  /** Logical name. */
  readonly name: string;
  readonly node: string;
  readonly volumeId: string;
  readonly url: string;
  readonly checksum: { readonly algorithm: string; readonly value: string } | undefined;
}

/** A bridge or pool of a node that the stack has created. */
export interface BuiltOnNode {
  /** Logical name. */
  readonly name: string;
  readonly node: string;
  /** Its own name on the node: `vmbr1`, `fast`. */
  readonly key: string;
  readonly released: boolean;
}

/** A bridge that the stack has created. */
export interface BuiltBridge extends BuiltOnNode {
  readonly ports: readonly string[];
  readonly vlanAware: boolean;
}

/** What guests stand on, as far as the stack has created it. */
export interface BuiltPlaces {
  readonly storages: readonly BuiltStorage[];
  readonly images: readonly BuiltImage[];
  /** Volume IDs of what cloud-init reads. */
  readonly snippets: readonly string[];
  readonly bridges: readonly BuiltBridge[];
}

const text = z.string().nullish();
const texts = z
  .array(z.string())
  .nullish()
  .transform((values) => values ?? []);
const common = { resourceId: z.string(), nodes: texts, contents: texts };
const none = { thin: undefined, options: undefined, username: undefined };
const Entries = {
  "proxmoxve:storage/zfspool:Zfspool": z
    .object({ ...common, zfsPool: z.string(), thinProvision: z.boolean().nullish() })
    .transform(({ zfsPool: location, thinProvision: thin, ...rest }) => ({
      ...{ ...rest, ...none, type: "zfspool" as const, location, thin: thin ?? undefined },
    })),
  "proxmoxve:storage/directory:Directory": z
    .object({ ...common, path: z.string() })
    .transform(({ path: location, ...rest }) => ({ ...rest, ...none, type: "dir" as const, location })),
  "proxmoxve:storage/nfs:Nfs": z
    .object({ ...common, server: z.string(), export: z.string(), options: text })
    .transform(({ server, export: folder, options, ...rest }) => ({
      ...{ ...rest, ...none, type: "nfs" as const, location: `${server}:${folder}`, options: options ?? undefined },
    })),
  "proxmoxve:storage/cifs:Cifs": z
    .object({ ...common, server: z.string(), share: z.string(), subdirectory: text, username: text, options: text })
    .transform(({ server, share, subdirectory, username, options, ...rest }) => ({
      ...{ ...rest, ...none, type: "cifs" as const, location: `//${server}/${share}${subdirectory ?? ""}` },
      ...{ options: options ?? undefined, username: username ?? undefined },
    })),
} as const;
const Image = z.object({
  id: z.string(),
  nodeName: z.string(),
  url: text,
  checksum: text,
  checksumAlgorithm: text,
});
const Snippet = z.object({ id: z.string(), contentType: z.literal("snippets") });
const OnNode = z.object({ nodeName: z.string(), name: z.string() });
const Bridge = z.object({ ...OnNode.shape, ports: texts, vlanAware: z.boolean().nullish() });

type Entry = z.infer<(typeof Entries)[keyof typeof Entries]>;
type Facts = Pick<BuiltOnNode, "name" | "released">;

/** Reads what a state says of storages, files and bridges; what a run that was cut off has left unsaid is skipped. */
export function readPlaces(resources: readonly StateResource[]): BuiltPlaces {
  const released = new Set(
    resources
      .filter(({ urn, outputs }) => typeOf(urn).startsWith("homelab:") && outputs["released"] === true)
      .map(({ urn }) => nameOf(urn)),
  );
  const read = <T, R>(type: string, schema: z.ZodType<T>, build: (value: T, facts: Facts) => R): R[] =>
    resources
      .filter(({ urn }) => typeOf(urn) === type)
      .flatMap(({ urn, outputs }) => {
        const [name, parsed] = [nameOf(urn), schema.safeParse(outputs)];
        return parsed.success ? [build(parsed.data, { name, released: released.has(name) })] : [];
      });
  return {
    storages: Object.entries(Entries).flatMap(([type, schema]) =>
      read<Entry, BuiltStorage>(type, schema, ({ resourceId: name, contents: content, ...entry }, facts) => ({
        ...{ ...entry, ...facts, name, content },
      })),
    ),
    images: read("proxmoxve:download/file:File", Image, (image, { name }) => {
      const { id: volumeId, nodeName: node, url, checksum: value, checksumAlgorithm: algorithm } = image;
      return { name, node, volumeId, url: url ?? "", checksum: value && algorithm ? { algorithm, value } : undefined };
    }),
    snippets: read("proxmoxve:index/fileLegacy:FileLegacy", Snippet, ({ id }) => id),
    bridges: read("proxmoxve:network/linux/bridge:Bridge", Bridge, (bridge, facts) => {
      const { nodeName: node, name: key, ports, vlanAware } = bridge;
      return { ...facts, node, key, ports, vlanAware: vlanAware ?? false };
    }),
  };
}
