import type { PveExporterSettings } from "../../../inventory/services/prometheus.ts";
import { partName } from "../../names.ts";
import type { FilePlan, StepPlan, TextPlan } from "../../steps.ts";
import { exporterToken } from "../exporter-token.ts";
import { planPackages } from "../install-packages.ts";
import { pveExporterAddress } from "./scrape-jobs.ts";
import { renderYaml } from "../../render-yaml.ts";

const folder = "/opt/prometheus-pve-exporter";
const wheel = `${folder}/exporter.whl`;
const authorityFile = "/etc/prometheus/pve-root-ca.pem";
const tokenFile = "/etc/prometheus/pve.yml";

/** Decides how the exporter that asks Proxmox VE is set up, beside Prometheus; nothing where there are no settings. */
export function planPveExporter(owner: string, settings: PveExporterSettings | undefined): StepPlan[] {
  if (settings === undefined) return [];
  return [
    planPackages({
      name: partName(owner, "pve-exporter-packages"),
      // Everything that the exporter needs, so that Debian's security upgrades reach it.
      versions: Object.fromEntries(dependencies.map((name) => [name, "*"])),
    }),
    planProgram(owner, settings),
    planService(owner, settings),
  ];
}

const dependencies = [
  "ca-certificates",
  "curl",
  "python3-gunicorn",
  "python3-paramiko",
  "python3-prometheus-client",
  "python3-proxmoxer",
  "python3-requests",
  "python3-werkzeug",
  "python3-wrapt",
  "python3-yaml",
];

/** The exporter is one wheel of PyPI, from which Python runs it as it is. */
function planProgram(owner: string, { version, sha256 }: PveExporterSettings): StepPlan {
  const fileName = `prometheus_pve_exporter-${version}-py3-none-any.whl`;
  const url = `https://files.pythonhosted.org/packages/py3/p/prometheus-pve-exporter/${fileName}`;
  return {
    name: partName(owner, "pve-exporter-program"),
    files: [],
    activate: `mkdir -p ${folder}
curl -fsSL --retry 3 -o ${wheel}.new ${url}
echo '${sha256}  ${wheel}.new' | sha256sum -c --quiet -
mv ${wheel}.new ${wheel}
systemctl try-restart prometheus-pve-exporter 2>/dev/null || true`,
    verify: `echo '${sha256}  ${wheel}' | sha256sum -c --quiet -`,
  };
}

function planService(owner: string, { authority }: PveExporterSettings): StepPlan {
  return {
    name: partName(owner, "pve-exporter"),
    files: [
      { path: tokenFile, mode: "0640", owner: "root:prometheus", text: renderToken(authority) },
      ...(authority === "cluster" ? [authorityPlan] : []),
      {
        path: "/etc/systemd/system/prometheus-pve-exporter.service",
        mode: "0644",
        owner: "root:root",
        text: [unit],
      },
    ],
    activate:
      "systemctl daemon-reload\nsystemctl enable --quiet prometheus-pve-exporter\nsystemctl restart prometheus-pve-exporter",
    verify: "systemctl is-enabled --quiet prometheus-pve-exporter\nsystemctl is-active --quiet prometheus-pve-exporter",
    settleSeconds: 10,
    units: ["prometheus-pve-exporter"],
  };
}

const authorityPlan: FilePlan = {
  path: authorityFile,
  mode: "0644",
  owner: "root:root",
  text: [
    {
      secret: "pveAuthority",
      reason: "the exporter of Proxmox VE knows the nodes by it: the text of /etc/pve/pve-root-ca.pem.",
    },
    "\n",
  ],
};

function renderToken(authority: PveExporterSettings["authority"]): TextPlan {
  const settings = renderYaml({
    default: {
      user: exporterToken.user,
      token_name: exporterToken.name,
      verify_ssl: authority === "cluster" ? authorityFile : true,
    },
  });
  return [
    `${settings}  token_value: '`,
    {
      secret: "pveExporterToken",
      reason: `the exporter of Proxmox VE reads with it: the secret of ${exporterToken.user}!${exporterToken.name}, which has the role PVEAuditor on /.`,
    },
    "'\n",
  ];
}

const unit = `[Unit]
Description=Prometheus exporter for Proxmox VE
Documentation=https://github.com/prometheus-pve/prometheus-pve-exporter
After=network-online.target
Wants=network-online.target

[Service]
User=prometheus
Restart=on-failure
Environment=PYTHONPATH=${wheel}
ExecStart=/usr/bin/python3 -m pve_exporter --config.file=${tokenFile} --web.listen-address=${pveExporterAddress}
NoNewPrivileges=true
PrivateTmp=true
ProtectHome=true
ProtectSystem=strict

[Install]
WantedBy=multi-user.target
`;
