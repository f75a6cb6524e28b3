import type { EndpointKey } from "../api/facts.ts";
import { indexHandler } from "../api/index-handler.ts";
import type { Context } from "../handlers.ts";
import { handlers } from "./handlers.ts";

/** What an endpoint does with parameters that have been checked. */
export type Handler = (parameters: unknown, context: Context) => unknown;

const implemented = Object.keys(handlers);

/** What an endpoint does; undefined where the simulator does not have it. */
export function findHandler(key: EndpointKey): Handler | undefined {
  return (handlers[key] as Handler | undefined) ?? indexHandler(key, implemented);
}
