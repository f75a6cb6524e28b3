import { createHash } from "node:crypto";
import { metricsPort, places } from "./places.ts";
import type { CertificateCheck, RoutePlan } from "./routes.ts";
import { renderYaml } from "../../render-yaml.ts";

/** What Traefik reads again whenever it changes. */
export interface DynamicConfiguration {
  readonly text: string;
  /** Answers with 200 as soon as Traefik has taken exactly this, and with 404 while it has not. */
  readonly probeUrl: string;
}

/** What a Traefik of our own networks has besides routes. */
export interface InternalSettings {
  /** Names by which the dashboards are reached. */
  readonly dashboardHosts: readonly string[];
  /** The certificate for all names, where it is not got by ACME. */
  readonly chain?: string;
}

/** What a Traefik in the DMZ has besides routes. */
export interface DmzSettings {
  readonly rate: number;
  readonly burst: number;
  readonly parallel: number;
  /** Whether it listens on port 80, too. */
  readonly redirects: boolean;
}

type Part = Readonly<Record<string, object>>;

/** Renders dynamic.yml of a Traefik in our own networks; replicas have the same. */
export function renderInternalDynamic(
  routes: readonly RoutePlan[],
  { dashboardHosts, chain }: InternalSettings,
): DynamicConfiguration {
  return render({
    routers: {
      ...routersOf(routes),
      traefik_dashboard: {
        rule: dashboardHosts.map(hostRule).join(" || "),
        middlewares: ["dashboard-password"],
        service: "api@internal",
      },
    },
    middlewares: {
      security: { headers: securityHeaders },
      "dashboard-password": { basicAuth: { usersFile: places.dashboardUsers, removeHeader: true } },
    },
    routes,
    ...(chain === undefined ? {} : { tls: { certificates: [{ certFile: places.chain, keyFile: places.key }] }, chain }),
  });
}

/** Renders dynamic.yml of a Traefik in the DMZ: what no router names is answered with 404, or not at all. */
export function renderDmzDynamic(
  routes: readonly RoutePlan[],
  { rate, burst, parallel, redirects }: DmzSettings,
): DynamicConfiguration {
  const hosts = routes.map(({ host }) => hostRule(host));
  return render({
    routers: {
      ...routersOf(routes),
      ...(redirects && hosts.length > 0
        ? {
            traefik_redirect: {
              entryPoints: ["web"],
              rule: hosts.join(" || "),
              middlewares: ["to-https"],
              service: "noop@internal",
            },
          }
        : {}),
    },
    middlewares: {
      security: {
        headers: { ...securityHeaders, customResponseHeaders: { Server: "", "X-Powered-By": "" } },
      },
      rate: { rateLimit: { average: rate, burst, sourceCriterion } },
      parallel: { inFlightReq: { amount: parallel, sourceCriterion } },
      "to-https": { redirectScheme: { scheme: "https", permanent: true } },
    },
    routes,
  });
}

/** By address; whoever has one of IPv6 has a whole network of them. */
const sourceCriterion = { ipStrategy: { ipv6Subnet: 64 } };

const securityHeaders = {
  stsSeconds: 31_536_000,
  contentTypeNosniff: true,
  customFrameOptionsValue: "SAMEORIGIN",
  referrerPolicy: "strict-origin-when-cross-origin",
};

/** The keys of ours have an underscore, which no guest's name can have. */
interface Parts {
  readonly routers: Part;
  readonly middlewares: Part;
  readonly routes: readonly RoutePlan[];
  readonly tls?: object;
  /** Counts for the revision: Traefik does not notice when the file changes. */
  readonly chain?: string;
}

function render({ routers, middlewares, routes, tls = {}, chain = "" }: Parts): DynamicConfiguration {
  const services = Object.fromEntries(routes.map((route) => [route.name, serviceOf(route)]));
  const transports = Object.fromEntries(
    routes.flatMap(({ name, host, certificate }) =>
      certificate === undefined ? [] : [[name, transportOf(host, certificate)]],
    ),
  );
  const http = {
    middlewares,
    ...(routes.length === 0 ? {} : { services }),
    ...(Object.keys(transports).length === 0 ? {} : { serversTransports: transports }),
  };
  // A name that nobody knows gets no certificate, not even Traefik's own.
  const options = { options: { default: { minVersion: "VersionTLS12", sniStrict: true } } };
  const all = { http: { routers, ...http }, tls: { ...options, ...tls } };
  const revision = createHash("sha256")
    .update(JSON.stringify([all, chain]))
    .digest("hex")
    .slice(0, 16);
  const path = `/revision/${revision}`;
  const probe = { entryPoints: ["metrics"], rule: `Path(\`${path}\`)`, service: "ping@internal" };
  return {
    text: renderYaml({ ...all, http: { routers: { ...routers, traefik_revision: probe }, ...http } }),
    probeUrl: `http://127.0.0.1:${metricsPort}${path}`,
  };
}

function routersOf(routes: readonly RoutePlan[]): Part {
  return Object.fromEntries(routes.map(({ name, host }) => [name, { rule: hostRule(host), service: name }]));
}

function serviceOf({ name, servers, certificate }: RoutePlan): object {
  return {
    loadBalancer: {
      servers: servers.map((url) => ({ url })),
      ...(certificate === undefined ? {} : { serversTransport: name }),
    },
  };
}

/** The name is asked for in the greeting, and it is what the certificate has to be for: addresses stand in none. */
function transportOf(host: string, check: CertificateCheck): object {
  // No minVersion: without a maxVersion Traefik 3.7.10 takes none of these settings, and 1.2 is Go's own minimum.
  if (check.kind === "unchecked") return { serverName: host, insecureSkipVerify: true };
  return { serverName: host, ...(check.kind === "public" ? {} : { rootCAs: [check.authority] }) };
}

function hostRule(host: string): string {
  return `Host(\`${host}\`)`;
}
