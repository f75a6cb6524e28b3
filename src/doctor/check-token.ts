import type { Reading } from "../proxmox/read-api.ts";
import { accessCommands, renderCommands } from "./commands.ts";
import { fine, problem, unread, type Finding } from "./finding.ts";
import type { Need } from "./needs.ts";
import { deployToken, parseToken, renderTokenId } from "./token.ts";

/** What is known of the stack's token. */
export interface TokenFacts {
  readonly stack: string;
  /** Undefined where the stack has none. */
  readonly apiToken: string | undefined;
  /** What the first request with it came to. */
  readonly answer: Reading<{ readonly version: string }> | undefined;
  readonly needs: readonly Need[];
}

/** Whether Proxmox VE knows the token. */
export function checkToken({ stack, apiToken, answer, needs }: TokenFacts): Finding {
  const byHand = `\nor on a node as root:${renderCommands(accessCommands(needs, deployToken))}\nand then, with the secret that it prints:\n  npm run pulumi -- config set --secret --stack ${stack} apiToken`;
  const remedy = `Let bootstrap make one:\n  npm run bootstrap -- --stack ${stack}${byHand}`;
  if (apiToken === undefined) return problem("token", "The stack has no apiToken.", remedy);
  const token = parseToken(apiToken);
  if (token === undefined) {
    return problem(
      "token",
      "homelab:apiToken is not a token.",
      `It has the form user@realm!name=secret. Set it, typed in and not shown:\n  npm run pulumi -- config set --secret --stack ${stack} apiToken`,
    );
  }
  const id = renderTokenId(token);
  if (answer === undefined) return unread("token", { status: 0, message: "the certificate has to be trusted first" });
  if (answer.kind === "read") return fine("token", `Proxmox VE knows ${id}.`);
  if (answer.status !== 401) return unread("token", answer);
  return problem(
    "token",
    `Proxmox VE does not let ${id} in: ${answer.message}.`,
    `Let bootstrap make another:\n  npm run bootstrap -- --stack ${stack} --rotate${byHand}`,
  );
}
