import { z } from "zod";

/** services.yaml, prometheus. */
export const Prometheus = z.strictObject({});
