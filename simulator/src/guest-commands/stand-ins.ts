import type { Machine } from "../shell/machine.ts";
import { traefik } from "./traefik.ts";

/** What the programs of known releases do. */
export const standIns: Machine["standIns"] = { traefik };
