import type { z } from "zod";
import { Permissions } from "../proxmox/answers.ts";
import type { ReadApi, Reading } from "../proxmox/read-api.ts";

/** What a token must have to see all of a list: of some, Proxmox VE leaves out without a word what it may not see. */
export interface Need {
  readonly path: string;
  /** One of them is enough. */
  readonly privileges: readonly string[];
}

/** Reads a list, if the token sees all of it; without a need everybody does. */
export type ReadWholeList = <T>(
  path: string,
  schema: z.ZodType<T>,
  need?: Need,
  parameters?: Readonly<Record<string, string>>,
) => Promise<Reading<T>>;

/** Proxmox VE tells what is held on these, whether or not anything was given there. */
const alwaysTold = ["/", "/access", "/access/groups", "/nodes", "/pool", "/sdn", "/storage", "/vms"];

/** Reads once what a token may do, for all lists that it then reads. */
export async function readWholeLists(api: Pick<ReadApi, "read">): Promise<ReadWholeList> {
  const permissions = await api.read("/access/permissions", Permissions);
  return async (path, schema, need, parameters = {}) => {
    if (need === undefined) return api.read(path, schema, { parameters });
    if (permissions.kind === "refused") return permissions;
    const held = heldOn(permissions.value, need.path);
    if (need.privileges.some((privilege) => held.includes(privilege))) return api.read(path, schema, { parameters });
    return {
      kind: "refused",
      status: 403,
      message: `the token does not see all of it; it needs ${need.privileges[0] ?? ""} on ${need.path}`,
    };
  };
}

/** A path on which nothing was given has what goes on from the one above it. */
function heldOn(held: z.infer<typeof Permissions>, path: string): string[] {
  const own = held[path];
  if (own !== undefined) return Object.keys(own);
  if (alwaysTold.includes(path)) return [];
  const above = held[path.slice(0, path.lastIndexOf("/"))] ?? {};
  return Object.keys(above).filter((privilege) => above[privilege] === true);
}
