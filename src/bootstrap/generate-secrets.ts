import { randomBytes } from "node:crypto";
import type { HomelabPlan } from "../plan/plan.ts";

/** What becomes of the secret settings that a stack lacks. */
export interface SecretsDecision {
  /** Made up: the values by name. */
  readonly made: Readonly<Record<string, string>>;
  /** What others give: the reasons by name. */
  readonly byHand: Readonly<Record<string, string>>;
}

/** Makes up the secrets that are only this homelab's own, and tells which of the others are missing; what is there stays. */
export function generateSecrets(
  { secrets, generatedSecrets }: Pick<HomelabPlan, "generatedSecrets" | "secrets">,
  existing: ReadonlySet<string>,
): SecretsDecision {
  const missing = Object.entries(secrets).filter(([name]) => !existing.has(name));
  const own = new Set(generatedSecrets);
  return {
    // Hexadecimal digits mean nothing to a shell, a URL or a file of settings.
    made: Object.fromEntries(
      missing.flatMap(([name]) => (own.has(name) ? [[name, randomBytes(20).toString("hex")]] : [])),
    ),
    byHand: Object.fromEntries(missing.filter(([name]) => !own.has(name))),
  };
}
