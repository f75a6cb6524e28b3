import type { Inventory } from "../../inventory/inventory.ts";
import type { NamedGuest } from "../named-guests.ts";
import { partName } from "../names.ts";
import type { FilePlan, StepPlan } from "../steps.ts";
import { planPackages } from "./install-packages.ts";
import { planAlertRules } from "./prometheus/alert-rules.ts";
import { blackboxExporterAddress, probeModules } from "./prometheus/probes.ts";
import { planPveExporter } from "./prometheus/pve-exporter.ts";
import { planScrapeJobs } from "./prometheus/scrape-jobs.ts";
import { renderYaml } from "../render-yaml.ts";

type Settings = NonNullable<Inventory["services"]["prometheus"]>;

const defaultPort = 9090;
const mib = 2 ** 20;

/** Decides how a guest that runs Prometheus is set up; nothing where the inventory has no settings for it. */
export function planPrometheus(named: NamedGuest, inventory: Inventory): StepPlan[] {
  const settings = inventory.services.prometheus;
  if (settings === undefined) return [];
  const { name, guest } = named;
  const port = guest.service?.port ?? defaultPort;
  const interval = `${settings.scrapeInterval}s`;
  const rules = planAlertRules(inventory, settings.alerts);
  return [
    planPackages({
      name: partName(name, "packages"),
      // With what Debian's security team adds to a version.
      versions: {
        prometheus: `${settings.version}*`,
        "prometheus-blackbox-exporter": `${settings.blackboxExporter}*`,
        promtool: `${settings.version}*`,
      },
    }),
    planBlackboxExporter(name),
    ...planPveExporter(name, settings.pveExporter),
    planArguments(name, port, settings),
    {
      name: partName(name, "configuration"),
      files: [
        configFile(
          "prometheus.yml",
          renderYaml({
            global: { scrape_interval: interval, evaluation_interval: interval },
            // One by one: what was left behind is not loaded.
            rule_files: rules.map(({ file }) => `rules/${file}`),
            scrape_configs: planScrapeJobs(named, port, inventory),
          }),
        ),
        ...rules.map(({ file, groups }) => configFile(`rules/${file}`, renderYaml({ groups }))),
      ],
      check: 'promtool check config "$STAGED/etc/prometheus/prometheus.yml"',
      activate: "systemctl reload-or-restart prometheus",
      verify: "systemctl is-active --quiet prometheus",
      settleSeconds: 10,
      units: ["prometheus"],
    },
  ];
}

/** What Prometheus takes on its command line; only a restart lets it see that. */
function planArguments(name: string, port: number, { retention }: Settings): StepPlan {
  const args = [
    `--web.listen-address=0.0.0.0:${port}`,
    `--storage.tsdb.retention.time=${retention.time / 3600}h`,
    `--storage.tsdb.retention.size=${retention.size / mib}MB`,
  ];
  return {
    name: partName(name, "arguments"),
    files: [
      { path: "/etc/default/prometheus", mode: "0644", owner: "root:root", text: [`ARGS="${args.join(" ")}"\n`] },
    ],
    activate: "systemctl enable --quiet prometheus\nsystemctl restart prometheus",
    verify: "systemctl is-enabled --quiet prometheus\nsystemctl is-active --quiet prometheus",
    settleSeconds: 10,
    units: ["prometheus"],
  };
}

function planBlackboxExporter(name: string): StepPlan {
  const args = ["--config.file=/etc/prometheus/blackbox.yml", `--web.listen-address=${blackboxExporterAddress}`];
  return {
    name: partName(name, "blackbox-exporter"),
    files: [
      {
        path: "/etc/default/prometheus-blackbox-exporter",
        mode: "0644",
        owner: "root:root",
        text: [`ARGS="${args.join(" ")}"\n`],
      },
      configFile("blackbox.yml", renderYaml({ modules: probeModules })),
    ],
    check: 'prometheus-blackbox-exporter --config.check --config.file="$STAGED/etc/prometheus/blackbox.yml"',
    activate: "systemctl enable --quiet prometheus-blackbox-exporter\nsystemctl restart prometheus-blackbox-exporter",
    verify:
      "systemctl is-enabled --quiet prometheus-blackbox-exporter\nsystemctl is-active --quiet prometheus-blackbox-exporter",
    settleSeconds: 10,
    units: ["prometheus-blackbox-exporter"],
  };
}

function configFile(path: string, text: string): FilePlan {
  return { path: `/etc/prometheus/${path}`, mode: "0644", owner: "root:root", text: [text] };
}
