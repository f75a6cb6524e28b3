import { exporterToken } from "../plan/services/exporter-token.ts";
import type { Reading } from "../proxmox/read-api.ts";
import { exporterCommands, renderCommands } from "./commands.ts";
import { fine, listOf, problem, unread, type Finding } from "./finding.ts";
import { renderTokenId } from "./token.ts";

/** What the exporter reads: the cluster, its guests and its storages. */
const wanted = ["Datastore.Audit", "Sys.Audit", "VM.Audit"];

/** Whether the token of Prometheus's exporter is let in, and may read; `answer` is its permissions. */
export function checkExporter(
  stack: string,
  answer: Reading<Readonly<Record<string, Readonly<Record<string, boolean>>>>>,
): Finding {
  const subject = "exporter's token";
  const id = renderTokenId(exporterToken);
  const byHand = `or on a node as root:${renderCommands(exporterCommands())}\nand then, with the secret that it prints:\n  npm run pulumi -- config set --secret --stack ${stack} pveExporterToken`;
  if (answer.kind === "refused") {
    if (answer.status !== 401) return unread(subject, answer);
    return problem(
      subject,
      `Proxmox VE does not let ${id} in: ${answer.message}.`,
      `Let bootstrap make another, of the deploying token, too:\n  npm run bootstrap -- --stack ${stack} --rotate\n${byHand}`,
    );
  }
  const held = answer.value["/"] ?? {};
  const missing = wanted.filter((privilege) => held[privilege] !== true);
  if (missing.length === 0) return fine(subject, `Proxmox VE lets ${id} read the whole cluster.`);
  return problem(
    subject,
    `${id} lacks ${listOf(missing)} on /: Prometheus would not see all of the cluster.`,
    `Let bootstrap give it:\n  npm run bootstrap -- --stack ${stack}\n${byHand}`,
  );
}
