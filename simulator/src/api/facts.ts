import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ParameterTable } from "../check-parameters.ts";
import type { Wire } from "./wire.ts";

/** One method of one path: `GET /nodes/{node}/lxc/{vmid}/config`. */
export type EndpointKey = keyof Wire;

/** What Proxmox checks before an endpoint does anything: https://pve.proxmox.com/wiki/User_Management#_permission_management */
export type Expression = readonly unknown[];

/** What the API schema says of one endpoint. */
export interface EndpointFacts {
  readonly parameters: ParameterTable;
  /** The privileges that it asks for. */
  readonly check?: Expression;
  /** `world` answers without credentials, `all` to everyone who is logged in. */
  readonly user?: "all" | "world";
  /** API tokens may not ask this. */
  readonly ticketOnly?: true;
  /** Of a list: the key that names what is below. */
  readonly child?: string;
}

/** Every endpoint of Proxmox VE's API, whether it is implemented here or not. */
export const facts = JSON.parse(readFileSync(join(import.meta.dirname, "facts.json"), "utf8")) as Readonly<
  Record<EndpointKey, EndpointFacts>
>;
