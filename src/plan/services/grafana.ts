import type { Inventory } from "../../inventory/inventory.ts";
import { guestsOf, type NamedGuest } from "../named-guests.ts";
import { partName } from "../names.ts";
import type { FilePlan, SecretPart, StepPlan } from "../steps.ts";
import { dnsName } from "./dns-name.ts";
import { renderDashboards } from "./grafana/dashboards.ts";
import { renderConfiguration } from "./grafana/render-configuration.ts";
import { renderDashboardProvider, renderDataSources, type DataSources } from "./grafana/render-provisioning.ts";
import { influxReader } from "./influxdb/reader.ts";
import { planPackages } from "./install-packages.ts";

type Settings = NonNullable<Inventory["services"]["grafana"]>;

const folder = "/etc/grafana";
const dashboards = `${folder}/dashboards`;
const secrets = `${folder}/secrets`;
const adminPassword = `${secrets}/admin-password`;
const secretKey = `${secrets}/secret-key`;
const influxPassword = `${secrets}/influxdb-password`;

/** Grafana's own key (https://apt.grafana.com). */
const repository = {
  name: "grafana",
  url: "https://apt.grafana.com",
  suite: "stable",
  components: ["main"],
  keyUrl: "https://apt.grafana.com/gpg.key",
  keyFingerprint: "B53AE77BADB630A683046005963FA27710458545",
};

/** Decides how a guest that runs Grafana is set up; nothing where the inventory has no settings for it. */
export function planGrafana(named: NamedGuest, inventory: Inventory): StepPlan[] {
  const settings = inventory.services.grafana;
  if (settings === undefined) return [];
  const { name } = named;
  const sources = planSources(inventory);
  return [
    planPackages({ name: partName(name, "packages"), versions: { grafana: settings.version }, repository }),
    planAdminPassword(name),
    planConfiguration(named, settings, sources, inventory),
    ...(sources.prometheus === undefined ? [] : [planDashboards(name, sources)]),
  ];
}

/** What grafana.ini says counts at the first start only: afterwards the database knows, and has to be told. */
function planAdminPassword(name: string): StepPlan {
  return {
    name: partName(name, "admin-password"),
    files: [
      secretFile(adminPassword, {
        secret: "grafanaAdminPassword",
        reason: "Grafana's first user logs in with it.",
        generated: true,
      }),
    ],
    activate: `[ ! -s /var/lib/grafana/grafana.db ] ||
  grafana-cli admin reset-admin-password --password-from-stdin < ${adminPassword} >&2`,
  };
}

function planConfiguration(
  { name, guest: { address, service } }: NamedGuest,
  { adminUser }: Settings,
  sources: DataSources,
  { services }: Inventory,
): StepPlan {
  const port = service?.port ?? 3000;
  const url = new URL(
    services.traefik === undefined ? `http://${address}:${port}` : `https://${dnsName(name, { services })}`,
  );
  const ini = renderConfiguration({ adminUser, adminPasswordFile: adminPassword, secretKeyFile: secretKey, port, url });
  const provisioning = `${folder}/provisioning`;
  return {
    name: partName(name, "configuration"),
    files: [
      configFile(`${folder}/grafana.ini`, ini),
      secretFile(secretKey, {
        secret: "grafanaSecretKey",
        reason: "Grafana encrypts the passwords of its data sources with it.",
        generated: true,
      }),
      configFile(`${provisioning}/datasources/homelab.yaml`, renderDataSources(sources)),
      configFile(`${provisioning}/dashboards/homelab.yaml`, renderDashboardProvider(dashboards)),
      ...(sources.influxdb === undefined ? [] : [secretFile(influxPassword, influxReader.password)]),
    ],
    ...(sources.influxdb === undefined ? {} : { check: noVariables(influxPassword) }),
    activate: "systemctl enable --quiet grafana-server\nsystemctl restart grafana-server",
    verify: "systemctl is-enabled --quiet grafana-server\nsystemctl is-active --quiet grafana-server",
    // The first start makes the database.
    settleSeconds: 60,
    units: ["grafana-server"],
  };
}

/** Grafana looks after them every half a minute. */
function planDashboards(name: string, sources: DataSources): StepPlan {
  return {
    name: partName(name, "dashboards"),
    files: renderDashboards(sources.influxdb !== undefined).map((dashboard) =>
      configFile(`${dashboards}/${dashboard.uid ?? ""}.json`, `${JSON.stringify(dashboard, null, 2)}\n`),
    ),
  };
}

function planSources(inventory: Inventory): DataSources {
  const { services } = inventory;
  const urlOf = (runs: string, port: number) => {
    const [first] = guestsOf(inventory).filter(({ guest }) => guest.runs === runs);
    return first === undefined ? undefined : `http://${first.guest.address}:${first.guest.service?.port ?? port}`;
  };
  const prometheus = urlOf("prometheus", 9090);
  const influxdb = urlOf("influxdb", 8086);
  return {
    ...(prometheus === undefined || services.prometheus === undefined
      ? {}
      : { prometheus: { url: prometheus, scrapeSeconds: services.prometheus.scrapeInterval } }),
    ...(influxdb === undefined || services.influxdb === undefined
      ? {}
      : {
          influxdb: {
            url: influxdb,
            bucket: services.influxdb.bucket,
            user: influxReader.user,
            passwordFile: influxPassword,
          },
        }),
  };
}

/** In what it provisions Grafana takes a dollar for the start of a variable, even where that comes from a file. */
function noVariables(path: string): string {
  return `if grep -q '[$]' "$STAGED${path}"; then
  echo 'The secret for ${path} has a dollar sign, which Grafana would take for a variable. Choose one without.' >&2
  exit 1
fi`;
}

function configFile(path: string, text: string): FilePlan {
  return { path, mode: "0640", owner: "root:grafana", text: [text] };
}

function secretFile(path: string, secret: SecretPart): FilePlan {
  return { path, mode: "0640", owner: "root:grafana", text: [secret, "\n"] };
}
