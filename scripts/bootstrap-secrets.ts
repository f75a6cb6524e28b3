import type { AdminApi } from "../src/bootstrap/admin-api.ts";
import { readClusterAuthority } from "../src/bootstrap/find-authority.ts";
import { generateSecrets } from "../src/bootstrap/generate-secrets.ts";
import { setUpExporter } from "../src/bootstrap/set-up-exporter.ts";
import { revokeToken } from "../src/bootstrap/set-up-token-owner.ts";
import { listOf } from "../src/doctor/finding.ts";
import { exporterToken } from "../src/plan/services/exporter-token.ts";
import type { HomelabPlan } from "../src/plan/plan.ts";
import type { OpenStack } from "./stack-writer.ts";

/** What secrets are stored for. */
export interface SecretsPlace {
  readonly plan: HomelabPlan;
  readonly stack: string;
  readonly open: OpenStack;
}

/** Gives Prometheus's exporter its token and the cluster's authority, where the plan has one; tells what was done. */
export async function storeExporterSecrets(
  api: AdminApi,
  { plan: { secrets }, open: { settings, setSecret } }: SecretsPlace,
  options: { readonly tokenWorks: boolean; readonly rotate: boolean },
): Promise<string[]> {
  const said: string[] = [];
  if (Object.hasOwn(secrets, "pveExporterToken")) {
    const { secret, steps } = await setUpExporter(api, options);
    said.push(...steps);
    if (secret !== undefined) await storeOrRevoke(api, exporterToken, setSecret("pveExporterToken", secret));
  }
  if (Object.hasOwn(secrets, "pveAuthority")) {
    const authority = await readClusterAuthority(api);
    if (settings.pveAuthority?.trimEnd() !== authority) {
      await setSecret("pveAuthority", authority);
      said.push("The stack has the certificate of the cluster's authority now, for the exporter.");
    }
  }
  return said;
}

/** Makes up the secrets that nobody else gives; tells what was done, and which have to be set by hand. */
export async function storeGeneratedSecrets({
  plan,
  stack,
  open,
}: SecretsPlace): Promise<{ readonly done: readonly string[]; readonly todo: readonly string[] }> {
  const bootstrapped = ["pveAuthority", "pveExporterToken"];
  const { made, byHand } = generateSecrets(plan, new Set([...open.settings.secrets, ...bootstrapped]));
  for (const [name, value] of Object.entries(made)) await open.setSecret(name, value);
  const names = Object.keys(made);
  const done =
    names.length === 0
      ? []
      : [
          `These secrets were made up, and are stored in Pulumi.${stack}.yaml, encrypted: ${listOf(names)}.`,
          `To see one: npm run pulumi -- config get --stack ${stack} ${names[0] ?? ""}`,
        ];
  const todo = Object.entries(byHand).flatMap(([name, reason]) => [
    `${name} has to be set by hand: ${reason}`,
    `  npm run pulumi -- config set --secret --stack ${stack} ${name}`,
  ]);
  return { done, todo };
}

/** What cannot be stored is taken back: its secret would be nowhere, and it would stand in the way of the next run. */
export async function storeOrRevoke(
  api: AdminApi,
  token: Parameters<typeof revokeToken>[1],
  store: Promise<void>,
): Promise<void> {
  try {
    await store;
  } catch (error) {
    await revokeToken(api, token);
    throw error;
  }
}
