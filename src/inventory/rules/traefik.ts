import type { Inventory } from "../inventory.ts";
import { suggestName } from "../suggest-name.ts";
import { isExposed, placedGuests, type PlacedGuest, type RuleIssue } from "./rule.ts";

/** What is served by HTTP has one name each, and a proxy that can lead there. */
export function checkTraefik(inventory: Inventory): RuleIssue[] {
  const { traefik } = inventory.services;
  if (traefik === undefined) return [];
  const proxies = placedGuests(inventory).filter(({ guest }) => guest.runs === "traefik");
  const outside = proxies.filter((placed) => isExposed(placed, inventory.networks[placed.guest.network]));
  return [
    ...proxies.flatMap(ports),
    ...outside.flatMap((placed) => outsidePorts(placed)),
    ...outside.flatMap((placed) => tcpBackends(placed, inventory)),
    ...(proxies.length > outside.length ? internalSettings(inventory) : []),
    ...credentials(inventory),
    ...(proxies.length === 0 ? [] : publicDomain(inventory)),
    ...sharedNames(inventory),
    ...backends(inventory),
    ...unreachable(outside, inventory),
  ];
}

function ports({ path, guest: { service } }: PlacedGuest): RuleIssue[] {
  if (service?.protocol === "https" && service.port === 443) return [];
  return [
    {
      path: service === undefined ? [...path, "runs"] : [...path, "service"],
      problem: "Traefik is set up to answer HTTPS on port 443, where names without a port lead.",
      remedy: "Write service: { protocol: https, port: 443 }.",
    },
  ];
}

function outsidePorts({ path, guest: { firewall } }: PlacedGuest): RuleIssue[] {
  const publish = firewall?.publish ?? [];
  const missing = {
    path: firewall === undefined ? [...path, "runs"] : [...path, "firewall", "publish"],
    problem: "It does not publish port 443, on which Traefik answers and gets its certificates.",
    remedy: "Add 443 to firewall.publish; with 80, too, who writes http:// is sent on.",
  };
  return [
    ...(publish.includes(443) ? [] : [missing]),
    ...publish.flatMap((port, index) =>
      port === 80 || port === 443
        ? []
        : [
            {
              path: [...path, "firewall", "publish", index],
              problem: `Port ${port} is published, and Traefik does not listen there.`,
              remedy: "Remove it: Traefik answers on 80 and 443.",
            },
          ],
    ),
  ];
}

function tcpBackends({ path, guest: { firewall } }: PlacedGuest, { containers, machines }: Inventory): RuleIssue[] {
  const guests = { ...containers, ...machines };
  return (firewall?.backends ?? []).flatMap((name, index) =>
    guests[name]?.service?.protocol === "tcp"
      ? [
          {
            path: [...path, "firewall", "backends", index],
            problem: `${name} does not speak HTTP, and Traefik is set up for nothing else.`,
            remedy: "Remove it, or say http or https as the protocol of its service.",
          },
        ]
      : [],
  );
}

function internalSettings({ services }: Inventory): RuleIssue[] {
  if (services.traefik?.internal !== undefined) return [];
  return [
    {
      path: ["services", "traefik"],
      at: "key",
      problem: "There is a Traefik in our own networks, and nothing says where its certificates come from.",
      remedy: "Add internal, with certificates and dashboardPasswordSecret.",
    },
  ];
}

function credentials({ services }: Inventory): RuleIssue[] {
  const certificates = services.traefik?.internal?.certificates;
  if (certificates?.kind !== "dnsChallenge" || Object.keys(certificates.credentials).length > 0) return [];
  const { provider } = certificates;
  return [
    {
      path: ["services", "traefik", "internal", "certificates", "credentials"],
      problem: `${provider} changes no record of the domain for who cannot say who he is.`,
      remedy: `Name its variables (https://go-acme.github.io/lego/dns/${provider}/), each with a secret setting of the stack.`,
    },
  ];
}

function publicDomain({ services: { domain, traefik } }: Inventory): RuleIssue[] {
  const certificates = traefik?.internal?.certificates;
  const asksPublic = certificates?.kind === "dnsChallenge" && certificates.authority === undefined;
  if (!asksPublic || !/(?:^|\.)(?:home\.arpa|internal|local|lan|home|test|invalid)$/.test(domain)) return [];
  return [
    {
      path: ["services", "domain"],
      problem: `No public authority vouches for names below ${domain}: it is nobody's.`,
      remedy: "Use a domain that is yours, or name an ACME server of your own with its authority.",
    },
  ];
}

function sharedNames(inventory: Inventory): RuleIssue[] {
  const routed = placedGuests(inventory).filter(
    ({ guest: { service, runs } }) => runs === "traefik" || (service !== undefined && service.protocol !== "tcp"),
  );
  const groups = new Map<string, PlacedGuest>();
  for (const placed of routed) {
    const { replicaOf, runs } = placed.guest;
    if (replicaOf !== undefined && runs !== "traefik") groups.set(replicaOf, groups.get(replicaOf) ?? placed);
  }
  return routed.flatMap((placed) => {
    const { name, path, guest } = placed;
    const label = name.toLowerCase();
    const replica = groups.get(label);
    if (replica === undefined || (guest.replicaOf !== undefined && guest.runs !== "traefik")) return [];
    return [
      {
        path: [...path],
        at: "key" as const,
        problem: `${label}.${inventory.services.domain} would be this guest and the replicas of ${label}, such as ${replica.path.join(".")}.`,
        remedy: "Rename the guest, or what the others are replicas of.",
      },
    ];
  });
}

function backends({ services, containers, machines }: Inventory): RuleIssue[] {
  const guests = { ...containers, ...machines };
  return Object.keys(services.traefik?.backends ?? {}).flatMap((name): RuleIssue[] => {
    const path = ["services", "traefik", "backends", name];
    const guest = guests[name];
    if (guest === undefined) {
      const problem = `There is no guest "${name}" in containers.yaml or machines.yaml.`;
      return [{ path, at: "key", problem, remedy: suggestName(name, Object.keys(guests)) }];
    }
    if (guest.service?.protocol === "https") return [];
    const problem = `${name} does not speak HTTPS: there is no certificate that could be checked.`;
    return [{ path, at: "key", problem, remedy: `Remove it, or say https as the protocol of ${name}'s service.` }];
  });
}

function unreachable(outside: readonly PlacedGuest[], inventory: Inventory): RuleIssue[] {
  const declared = new Set(outside.flatMap(({ guest }) => guest.firewall?.backends ?? []));
  const [proxy] = outside;
  return placedGuests(inventory).flatMap(({ name, path, guest: { exposure, firewall, runs, service } }) => {
    if (exposure !== "internet" || runs === "traefik" || service === undefined || service.protocol === "tcp") return [];
    if ((firewall?.publish ?? []).includes(service.port) || declared.has(name)) return [];
    return [
      {
        path: [...path, "exposure"],
        problem: `It is exposed to the internet, but its port ${service.port} is not published, and no Traefik in the DMZ has it among its backends: nobody gets there.`,
        remedy:
          proxy === undefined
            ? `Publish ${service.port}, or set up a Traefik in the DMZ.`
            : `Add ${name} to ${proxy.path.join(".")}.firewall.backends, or publish ${service.port}.`,
      },
    ];
  });
}
