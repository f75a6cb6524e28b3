import type { Inventory } from "../../../inventory/inventory.ts";
import { metricsPort, places } from "./places.ts";
import { renderYaml } from "../../render-yaml.ts";

type Settings = NonNullable<Inventory["services"]["traefik"]>;
type Internal = NonNullable<Settings["internal"]>;

/** Renders traefik.yml of a Traefik in our own networks: what it only reads when it starts. */
export function renderInternalStatic(settings: Settings, { certificates }: Internal, domain: string): string {
  const resolver = certificates.kind === "dnsChallenge" ? planDnsChallenge(certificates, settings) : undefined;
  // One certificate for all names: an authority counts them, and publishes the names in them.
  const tls = resolver === undefined ? {} : { certResolver: "acme", domains: [{ main: `*.${domain}` }] };
  return renderYaml({
    ...common,
    api: { dashboard: true },
    entryPoints: {
      web: {
        address: ":80",
        http: { redirections: { entryPoint: { to: "websecure", scheme: "https", permanent: true } } },
      },
      websecure: { ...secureEntryPoint(settings), http: { middlewares: ["security@file"], tls } },
      metrics: metricsEntryPoint,
    },
    ...(resolver === undefined ? {} : { certificatesResolvers: { acme: { acme: resolver } } }),
  });
}

/** Renders traefik.yml of a Traefik in the DMZ, which has neither dashboard nor API. */
export function renderDmzStatic(settings: Settings, publish: readonly number[]): string {
  return renderYaml({
    ...common,
    entryPoints: {
      ...(publish.includes(80) ? { web: { address: ":80" } } : {}),
      websecure: {
        ...secureEntryPoint(settings),
        http: { middlewares: ["security@file", "rate@file", "parallel@file"], tls: { certResolver: "acme" } },
      },
      metrics: metricsEntryPoint,
    },
    certificatesResolvers: {
      acme: {
        acme: {
          email: settings.email,
          caServer: settings.dmz.server,
          storage: places.certificates,
          // On port 443 itself: nothing else has to be let in, and there is no credential that could be stolen.
          tlsChallenge: {},
        },
      },
    },
  });
}

const common = {
  global: { checkNewVersion: false, sendAnonymousUsage: false },
  // Both go to the journal, which keeps to its limits by itself.
  log: { level: "INFO", format: "common", noColor: true },
  accessLog: { format: "json", fields: { headers: { defaultMode: "drop" } } },
  metrics: { prometheus: { entryPoint: "metrics", addRoutersLabels: true } },
  ping: { entryPoint: "metrics", manualRouting: true },
  // One file and no folder: nothing that lies beside it can open a route.
  providers: { file: { filename: places.dynamicConfiguration, watch: true } },
};

const metricsEntryPoint = { address: `:${metricsPort}` };

function secureEntryPoint({ requestTimeout }: Settings) {
  return {
    address: ":443",
    asDefault: true,
    transport: { respondingTimeouts: { readTimeout: `${requestTimeout}s`, idleTimeout: "180s" } },
  };
}

function planDnsChallenge(
  { provider, resolvers, server, authority }: Extract<Internal["certificates"], { kind: "dnsChallenge" }>,
  { email }: Settings,
) {
  return {
    email,
    caServer: server,
    storage: places.certificates,
    ...(authority === undefined ? {} : { caCertificates: [places.authority] }),
    dnsChallenge: {
      provider,
      ...(resolvers.length === 0 ? {} : { resolvers: resolvers.map((address) => `${address}:53`) }),
    },
  };
}
