import { z } from "zod";

/** services.yaml, gitlab. */
export const GitLab = z.strictObject({});
