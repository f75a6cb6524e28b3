import { splitList } from "./lists.ts";

type Check = (text: string) => string | undefined;

const word = String.raw`[\w+~-]+`;
const user = String.raw`${word}(?:\.${word})*`;
const email = new RegExp(String.raw`^${user}@[a-zA-Z0-9-]+(?:\.[a-zA-Z0-9-]+)*$`);

const emailAddress = matching(email, "value does not look like a valid email address");
const haResource = matching(/^[a-z]+:\S+$/, "value does not look like a valid ha resource id");
const haNode = /^[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?(:\d+)?$/;

/** The named formats of the cluster's own configuration, in the words of the packages that have them. */
export const clusterFormatChecks: Readonly<Record<string, Check>> = {
  "email-list": listOf(emailAddress),
  "email-or-username": (text) =>
    email.test(text) || new RegExp(`^${user}$`).test(text)
      ? undefined
      : "value does not look like a valid email address or user name",
  "graphite-path": matching(/^[a-zA-Z0-9_-]+(\.[a-zA-Z0-9_-]+)*$/, "value does not look like a valid graphite path"),
  "mac-prefix": matching(
    /^[a-f0-9][02468ace](?::[a-f0-9]{2}){0,2}:?$/i,
    "value is not a valid unicast MAC address prefix",
  ),
  "pve-ha-node-list": listOf(matching(haNode, "value does not look like a valid ha group node")),
  "pve-ha-resource-id-list": listOf(haResource),
  "pve-ha-resource-or-vm-id": (text) => (/^\d+$/.test(text) ? undefined : haResource(text)),
  "pve-poolid": poolNameProblem,
  "pve-storage-path-in-property-string": matching(
    /^\/[^;,=()]+/,
    "Value does not look like a valid absolute path. These symbols are currently not allowed in path: ;,=()",
  ),
};

/** Pools nest up to three levels. */
function poolNameProblem(text: string): string | undefined {
  if (text.split("/").length > 3) return `pool name '${text}' nested too deeply (max levels = 3)`;
  if (/^[A-Za-z0-9.\-_]+(?:\/[A-Za-z0-9.\-_]+){0,2}$/.test(text)) return undefined;
  return `pool name '${text}' contains invalid characters`;
}

function matching(pattern: RegExp, problem: string): Check {
  return (text) => (pattern.test(text) ? undefined : problem);
}

function listOf(check: Check): Check {
  return (text) =>
    splitList(text)
      .map(check)
      .find((problem) => problem !== undefined);
}
