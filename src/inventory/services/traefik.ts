import { z } from "zod";

/** services.yaml, traefik. */
export const Traefik = z.strictObject({});
