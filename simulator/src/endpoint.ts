import type { ParameterTable, Values } from "./check-parameters.ts";
import type { Session } from "./state/access.ts";
import type { World } from "./world.ts";

/** Methods of the API. */
export type Method = "GET" | "POST" | "PUT" | "DELETE";

/** What a handler works on, besides its parameters. */
export interface Context {
  readonly world: World;
  readonly session: Session;
}

/** One method of one path, with what it takes and what it does. */
export interface Endpoint {
  readonly method: Method;
  /** As in Proxmox's API viewer: `/nodes/{node}/lxc/{vmid}`. */
  readonly path: string;
  readonly parameters: ParameterTable;
  /** Answers without a ticket or token. */
  readonly open: boolean;
  readonly handle: (parameters: never, context: Context) => unknown;
}

/** Joins the parameters of an area with handlers that are typed by them. */
export function defineEndpoints<Area extends Readonly<Record<string, ParameterTable>>>(
  area: Area,
  handlers: { readonly [Key in keyof Area]: (parameters: Values<Area[Key]>, context: Context) => unknown },
  options: { readonly open?: readonly (keyof Area)[] } = {},
): Endpoint[] {
  return Object.entries(area).map(([key, parameters]) => {
    const [method, path] = key.split(" ") as [Method, string];
    const handle = handlers[key] as Endpoint["handle"];
    return { method, path, parameters, handle, open: options.open?.includes(key) ?? false };
  });
}
