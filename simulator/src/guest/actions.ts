import { notImplemented } from "../api-error.ts";
import type { EndpointKey } from "../api/facts.ts";
import type { Context } from "../handlers.ts";
import { handlers } from "../routes/handlers.ts";
import type { Guest } from "../state/guest.ts";

/** What is done to guests by others than their users, too. */
export type GuestAction =
  "status/start" | "status/stop" | "status/shutdown" | "status/suspend" | "status/resume" | "migrate";

/**
 * Does to a guest what a client does by its endpoint, and returns the UPID: HA and bulk actions use the API themselves.
 * @throws {ApiError} what the endpoint refuses
 */
export function actOn(
  { type, node, vmid }: Guest,
  action: GuestAction,
  parameters: Readonly<Record<string, unknown>>,
  context: Context,
): string {
  const key = `POST /nodes/{node}/${type}/{vmid}/${action}`;
  const handler = handlers[key as EndpointKey] as ((values: unknown, context: Context) => string) | undefined;
  if (handler === undefined) throw notImplemented("POST", `/nodes/${node}/${type}/${vmid}/${action}`);
  return handler({ ...parameters, node, vmid }, context);
}
