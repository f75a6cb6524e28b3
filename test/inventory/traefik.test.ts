import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { homelabFiles, problemsOf, writeHomelab, type HomelabFiles } from "./homelab-files.ts";

let project: string;

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), "traefik-"));
});

afterEach(() => {
  rmSync(project, { recursive: true });
});

const settings = `domain: home.example.net
traefik:
  version: 3.7.10
  sha256: ${"d".repeat(64)}
  email: admin@example.net
  internal:
    certificates:
      kind: dnsChallenge
      provider: cloudflare
      credentials: { CF_DNS_API_TOKEN: dnsToken }
    dashboardPasswordSecret: dashboardPassword
`;
const inside = `${homelabFiles.containers}traefik-01:
  node: pve-01
  network: internal
  address: 10.20.0.21
  image: debian
  runs: traefik
  service: { protocol: https, port: 443 }
  replicaOf: traefik
  cores: 1
  memory: 512 MiB
  disk: { storage: local-zfs, size: 8 GiB }
`;
const outside = homelabFiles.machines.replace(
  "  exposure: internet\n",
  "  exposure: internet\n  runs: traefik\n  service: { protocol: https, port: 443 }\n",
);

const all = { services: settings, containers: inside, machines: outside };

function changed(file: keyof typeof all, from: string, to: string): Partial<HomelabFiles> {
  if (!all[file].includes(from)) throw new Error(`${file} does not contain ${JSON.stringify(from)}.`);
  return { ...all, [file]: all[file].replace(from, to) };
}

function problemsWith(files: Partial<HomelabFiles>): string {
  writeHomelab(project, files);
  return problemsOf(project).replaceAll("config/homelab/", "");
}

test("two proxies and what they ask for have no problem", () => {
  expect(problemsWith(all)).toBe("");
});

describe("settings of Traefik", () => {
  test.each<[string, Partial<HomelabFiles>, string]>([
    [
      "a version with a v",
      changed("services", "version: 3.7.10", "version: v3.7.10"),
      `services.yaml:3:12  services.traefik.version
  "v3.7.10" is no release of Traefik 3.
  Write one such as 3.7.10, without v.`,
    ],
    [
      "a release without its checksum",
      changed("services", `  sha256: ${"d".repeat(64)}\n`, ""),
      `services.yaml:2:1  services.traefik.sha256
  This setting is missing.
  Add it: a text.`,
    ],
    [
      "a secret that stands there itself",
      changed("services", "dashboardPassword\n", "hunter-2\n"),
      `services.yaml:11:30  services.traefik.internal.dashboardPasswordSecret
  This is not the name of a setting.
  Write a name such as dnsToken; the secret itself never stands here.`,
    ],
    [
      "a DNS provider without its secret",
      changed("services", "{ CF_DNS_API_TOKEN: dnsToken }", "{}"),
      `services.yaml:10:20  services.traefik.internal.certificates.credentials
  cloudflare changes no record of the domain for who cannot say who he is.
  Name its variables (https://go-acme.github.io/lego/dns/cloudflare/), each with a secret setting of the stack.`,
    ],
    [
      "a domain that no authority vouches for",
      changed("services", "domain: home.example.net", "domain: home.arpa"),
      `services.yaml:1:9  services.domain
  No public authority vouches for names below home.arpa: it is nobody's.
  Use a domain that is yours, or name an ACME server of your own with its authority.`,
    ],
    [
      "a proxy of our own networks without certificates",
      { ...all, services: settings.slice(0, settings.indexOf("  internal:")) },
      `services.yaml:2:1  services.traefik
  There is a Traefik in our own networks, and nothing says where its certificates come from.
  Add internal, with certificates and dashboardPasswordSecret.`,
    ],
    [
      "what is asked of the certificate of a guest that is not there",
      {
        ...all,
        services: `${settings}  backends: { grafna: { certificate: unchecked, reason: Nobody else is there. } }\n`,
      },
      `services.yaml:12:15  services.traefik.backends.grafna
  There is no guest "grafna" in containers.yaml or machines.yaml.
  Did you mean "grafana"? Known: grafana, traefik-01, proxy, cluster-01.`,
    ],
    [
      "what is asked of a certificate that there is not",
      {
        ...all,
        services: `${settings}  backends: { grafana: { certificate: unchecked, reason: Nobody else is there. } }\n`,
      },
      `services.yaml:12:15  services.traefik.backends.grafana
  grafana does not speak HTTPS: there is no certificate that could be checked.
  Remove it, or say https as the protocol of grafana's service.`,
    ],
  ])("refuse %s", (_what, files, message) => {
    expect(problemsWith(files)).toBe(message);
  });
});

describe("guests around Traefik", () => {
  test.each<[string, Partial<HomelabFiles>, string]>([
    [
      "a proxy on another port",
      changed("containers", "service: { protocol: https, port: 443 }", "service: { protocol: https, port: 8443 }"),
      `containers.yaml:19:12  containers.traefik-01.service
  Traefik is set up to answer HTTPS on port 443, where names without a port lead.
  Write service: { protocol: https, port: 443 }.`,
    ],
    [
      "a proxy that nobody reaches",
      changed("machines", "publish: [443]", "publish: [80]"),
      `machines.yaml:13:24  machines.proxy.firewall.publish
  It does not publish port 443, on which Traefik answers and gets its certificates.
  Add 443 to firewall.publish; with 80, too, who writes http:// is sent on.`,
    ],
    [
      "a port without a listener",
      changed("machines", "publish: [443]", "publish: [443, 8080]"),
      `machines.yaml:13:30  machines.proxy.firewall.publish.1
  Port 8080 is published, and Traefik does not listen there.
  Remove it: Traefik answers on 80 and 443.`,
    ],
    [
      "a backend that does not speak HTTP",
      changed("containers", "protocol: http, port: 3000", "protocol: tcp, port: 3000"),
      `machines.yaml:13:42  machines.proxy.firewall.backends.0
  grafana does not speak HTTP, and Traefik is set up for nothing else.
  Remove it, or say http or https as the protocol of its service.`,
    ],
    [
      "a name that a guest and replicas would share",
      {
        ...all,
        containers: `${inside}web-01:
  node: pve-02
  network: internal
  address: 10.20.0.31
  image: debian
  service: { protocol: http, port: 80 }
  replicaOf: grafana
  cores: 1
  memory: 512 MiB
  disk: { storage: local-zfs, size: 8 GiB }
`,
      },
      `containers.yaml:1:1  containers.grafana
  grafana.home.example.net would be this guest and the replicas of grafana, such as containers.web-01.
  Rename the guest, or what the others are replicas of.`,
    ],
    [
      "an exposed service to which no proxy leads",
      {
        ...all,
        machines: `${outside}shop:
  kind: cloud
  node: pve-02
  network: dmz
  address: 10.30.0.11
  image: cloud
  exposure: internet
  service: { protocol: http, port: 8080 }
  cores: 1
  memory: 512 MiB
  disk: { storage: local-zfs, size: 10 GiB }
  firewall: { publish: [22] }
`,
      },
      `machines.yaml:32:13  machines.shop.exposure
  It is exposed to the internet, but its port 8080 is not published, and no Traefik in the DMZ has it among its backends: nobody gets there.
  Add shop to machines.proxy.firewall.backends, or publish 8080.`,
    ],
  ])("may not be %s", (_what, files, message) => {
    expect(problemsWith(files)).toBe(message);
  });

  test("may be exposed where a proxy leads there", () => {
    const machines = `${outside.replace("backends: [grafana]", "backends: [grafana, shop]")}shop:
  kind: cloud
  node: pve-02
  network: dmz
  address: 10.30.0.11
  image: cloud
  exposure: internet
  service: { protocol: http, port: 8080 }
  cores: 1
  memory: 512 MiB
  disk: { storage: local-zfs, size: 10 GiB }
  firewall: { publish: [22] }
`;
    expect(problemsWith({ ...all, machines })).toBe("");
  });
});
