import type { LoginAttempt, SshGreeting } from "../proxmox/ssh.ts";
import { fine, problem, warning, type Finding } from "./finding.ts";

/** How the stack reaches one node over SSH. */
export interface SshAddress {
  readonly address: string;
  readonly port: number;
  readonly username: string;
}

/** What was tried of SSH to one node. */
export interface SshFacts {
  readonly node: string;
  readonly stack: string;
  /** As the inventory has it, for the remedy. */
  readonly inventoryAddress: string;
  /** Undefined where the stack does not say. */
  readonly target: SshAddress | undefined;
  readonly greeting: SshGreeting | undefined;
  readonly login: LoginAttempt | undefined;
  /** Whether the plan has anything that goes over SSH. */
  readonly needed: boolean;
}

/** Whether a node can be logged in to, as writing snippets needs. */
export function checkSsh(facts: SshFacts): Finding {
  const { node, stack, inventoryAddress, target, greeting, login, needed } = facts;
  const subject = `SSH to ${node}`;
  const report = needed ? problem : warning;
  if (target === undefined) {
    return report(
      subject,
      "The stack does not say where it is reached.",
      `Tell it:\n  npm run pulumi -- config set --stack ${stack} --path ssh.nodes.${node}.address ${inventoryAddress}`,
    );
  }
  const where = `${target.username}@${target.address}${target.port === 22 ? "" : `:${target.port}`}`;
  const options = target.port === 22 ? "" : `-p ${target.port} `;
  const host = `${target.username}@${target.address}`;
  if (greeting?.kind !== "ssh") {
    return report(
      subject,
      `${where} does not answer: ${greeting?.reason ?? "it was not tried"}.`,
      `Is SSH on there, and is this the address? Correct ssh.nodes.${node} in Pulumi.${stack}.yaml.`,
    );
  }
  if (login === undefined || login.kind === "unavailable") {
    return fine(subject, `${where} answers. Nobody logged in: there is no ssh program here to do it.`);
  }
  if (login.kind === "accepted") return fine(subject, `${where} lets this key in.`);
  if (login.kind === "unknownHost") {
    return warning(
      subject,
      `${where} answers, but its host key is not known here.`,
      `Log in once, and compare the fingerprint that it shows with the one on the node:\n  ssh ${options}${host}`,
    );
  }
  return report(
    subject,
    `${where} does not let us in: ${login.reason}.`,
    `Put your key there, or set the stack's secret sshPrivateKey:\n  ssh-copy-id ${options}${host}`,
  );
}
