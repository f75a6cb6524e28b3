import { z } from "zod";

/** services.yaml, system: what every guest with Debian in it gets. */
export const System = z.strictObject({});
