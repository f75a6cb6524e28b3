import type { Wire } from "../api/wire.ts";
import type { Context, Handlers, Parameters, Returns } from "../handlers.ts";

/** `GET /{pos}` below `/cluster/firewall/rules` → `GET /cluster/firewall/rules/{pos}`, if there is such an endpoint. */
type Endpoint<Prefix extends string, Key extends string> = Extract<
  Key extends `${infer Method} ${infer Path}` ? `${Method} ${Prefix}${Path}` : `${Key} ${Prefix}`,
  keyof Wire
>;

/**
 * Puts handlers that are written once for several places of the API below one of them. What they take and return is
 * checked against every endpoint that they become; only the keys are put together where the compiler can't follow.
 */
export function mount<Prefix extends string, Key extends string>(
  prefix: Prefix,
  handlers: {
    readonly [K in Key]: (
      parameters: Parameters<Endpoint<Prefix, K>>,
      context: Context,
    ) => Returns<Endpoint<Prefix, K>>;
  },
): Pick<Handlers, Endpoint<Prefix, Key>> {
  const entries = Object.entries(handlers).map(([key, handler]) => {
    const [method = "", path = ""] = key.split(" ");
    return [`${method} ${prefix}${path}`, handler];
  });
  return Object.fromEntries(entries) as Pick<Handlers, Endpoint<Prefix, Key>>;
}
