import type { Inventory } from "../../inventory/inventory.ts";
import type { NamedGuest } from "../named-guests.ts";
import { partName } from "../names.ts";
import type { FilePlan, StepPlan, TextPlan } from "../steps.ts";
import { influxReader } from "./influxdb/reader.ts";
import { influxSecrets, renderInfluxScript } from "./influxdb/render-script.ts";
import { planPackages } from "./install-packages.ts";

type Settings = NonNullable<Inventory["services"]["influxdb"]>;

const script = "/usr/local/sbin/homelab-influxdb";

/** InfluxData's primary key, which stays when they renew what they sign with (https://www.influxdata.com/blog/package-signing-key-rotation). */
const repository = {
  name: "influxdata",
  url: "https://repos.influxdata.com/debian",
  suite: "stable",
  components: ["main"],
  keyUrl: "https://repos.influxdata.com/influxdata-archive.key",
  keyFingerprint: "24C975CBA61A024EE1B631787C3D57159FC2F927",
};

/** Where InfluxDB answers in a guest. */
export function portOf({ service }: NamedGuest["guest"]): number {
  return service?.port ?? 8086;
}

/** The step that decides who may do what in it, and whose result is the token that Proxmox VE writes with. */
export function contentsStep(guest: string): string {
  return partName(guest, "contents");
}

/** Decides how a guest that runs InfluxDB is set up; nothing where the inventory has no settings for it. */
export function planInfluxDb({ name, guest }: NamedGuest, { services }: Inventory): StepPlan[] {
  const settings = services.influxdb;
  if (settings === undefined) return [];
  const port = portOf(guest);
  return [
    planPackages({
      name: partName(name, "packages"),
      versions: { influxdb2: `${settings.version}-*`, jq: "*" },
      repository,
    }),
    planConfiguration(name, port),
    planContents(name, port, settings),
  ];
}

/** The paths are those of the package: a volume that is mounted there holds all data. */
function planConfiguration(name: string, port: number): StepPlan {
  const toml = `bolt-path = "/var/lib/influxdb/influxd.bolt"
engine-path = "/var/lib/influxdb/engine"
http-bind-address = ":${port}"
reporting-disabled = true
`;
  return {
    name: partName(name, "configuration"),
    files: [{ path: "/etc/influxdb/config.toml", mode: "0644", owner: "root:root", text: [toml] }],
    // A fresh volume belongs to root.
    activate:
      "chown influxdb:influxdb /var/lib/influxdb\nsystemctl enable --quiet influxdb\nsystemctl restart influxdb",
    verify: `systemctl is-enabled --quiet influxdb
systemctl is-active --quiet influxdb
curl -fsS -o /dev/null --max-time 10 http://127.0.0.1:${port}/health`,
    settleSeconds: 60,
    units: ["influxdb"],
  };
}

/** What is in it, and who may do what; the token that Proxmox VE writes with is the step's result. */
function planContents(name: string, port: number, settings: Settings): StepPlan {
  const { organization, bucket, retention, adminUser } = settings;
  const text = renderInfluxScript({
    url: `http://127.0.0.1:${port}`,
    adminUser,
    organization,
    bucket,
    retentionSeconds: retention,
    reader: influxReader.user,
  });
  const operator = {
    secret: "influxdbOperatorToken",
    reason: "InfluxDB is set up with it, and may be told anything.",
    generated: true,
  } as const;
  const admin = {
    secret: "influxdbAdminPassword",
    reason: `${adminUser} logs in to InfluxDB with it.`,
    generated: true,
  } as const;
  return {
    name: contentsStep(name),
    files: [
      { path: script, mode: "0755", owner: "root:root", text: [text] },
      secretFile("operator-header", ["Authorization: Token ", operator, "\n"]),
      secretFile("admin-password", [admin, "\n"]),
      secretFile("reader-password", [influxReader.password, "\n"]),
    ],
    check: ["admin", "reader"].map(longEnough).join("\n"),
    activate: `${script} apply`,
    verify: `${script} verify`,
    units: ["influxdb"],
    result: `sed 's/^Authorization: Token //' ${influxSecrets}/proxmox-header`,
  };
}

/** As InfluxDB has it: at least 8 characters. */
function longEnough(whose: string): string {
  const path = `${influxSecrets}/${whose}-password`;
  return `if [ "$(wc -c < "$STAGED${path}")" -lt 9 ]; then
  echo 'The secret for ${path} is too short: InfluxDB asks for 8 characters or more.' >&2
  exit 1
fi`;
}

function secretFile(file: string, text: TextPlan): FilePlan {
  return { path: `${influxSecrets}/${file}`, mode: "0600", owner: "root:root", text };
}
