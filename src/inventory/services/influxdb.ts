import { z } from "zod";

/** services.yaml, influxdb. */
export const InfluxDb = z.strictObject({});
