import { z } from "zod";

/** services.yaml, grafana. */
export const Grafana = z.strictObject({});
