import type { Inventory } from "../../../inventory/inventory.ts";
import type { ScrapeJobName } from "../../../inventory/services/prometheus.ts";
import { isGuarded } from "../../firewall.ts";
import { guestsOf, isDebian, type NamedGuest } from "../../named-guests.ts";
import { resolved } from "../../resolved.ts";
import { sortedEntries } from "../../sorted.ts";
import { throughExporter, type ScrapeJob, type TargetGroup } from "./scrape-jobs.ts";

/** Where the blackbox exporter listens: nobody but Prometheus beside it has to reach it. */
export const blackboxExporterAddress = "127.0.0.1:9115";

/** Ways to probe, as the blackbox exporter takes them; what a certificate vouches for is others' business. */
export const probeModules = {
  certificate: {
    prober: "tcp",
    timeout: "5s",
    tcp: { preferred_ip_protocol: "ip4", tls: true, tls_config: { insecure_skip_verify: true } },
  },
  connect: { prober: "tcp", timeout: "5s", tcp: { preferred_ip_protocol: "ip4" } },
} as const;

const sshPort = 22;
const talosPort = 50_000;
const proxmoxPort = 8006;

/** Decides what is probed from outside: certificates, Talos, which has no exporter, and doors that have to be closed. */
export function planProbes(prometheus: NamedGuest, inventory: Inventory): ScrapeJob[] {
  const jobs = [
    probe("certificates", "certificate", [...nodeCertificates(inventory), ...guestCertificates(inventory)]),
    probe("talos", "connect", talosNodes(inventory)),
    probe("dmz-closed", "connect", closedDoors(prometheus, inventory)),
  ];
  return jobs.filter(({ static_configs }) => static_configs.length > 0);
}

function probe(
  job_name: ScrapeJobName,
  module: keyof typeof probeModules,
  static_configs: readonly TargetGroup[],
): ScrapeJob {
  return {
    job_name,
    metrics_path: "/probe",
    params: { module: [module] },
    static_configs,
    relabel_configs: throughExporter(blackboxExporterAddress),
  };
}

function nodeCertificates({ nodes }: Inventory): TargetGroup[] {
  return sortedEntries(nodes).map(([instance, { address }]) => ({
    targets: [`${address}:${proxmoxPort}`],
    labels: { instance },
  }));
}

/** Traefik has a certificate for each name and tells of all of them itself. */
function guestCertificates(inventory: Inventory): TargetGroup[] {
  return guestsOf(inventory).flatMap(({ name, guest: { address, service, runs } }) =>
    service?.protocol === "https" && runs !== "traefik"
      ? [{ targets: [`${address}:${service.port}`], labels: { instance: name } }]
      : [],
  );
}

function talosNodes(inventory: Inventory): TargetGroup[] {
  return guestsOf(inventory)
    .filter((named) => !isDebian(named))
    .map(({ name, guest: { address, node } }) => ({
      targets: [`${address}:${talosPort}`],
      labels: { instance: name, node },
    }));
}

/** SSH into the DMZ is for the management network; Prometheus stands elsewhere, and has to be kept out. */
function closedDoors({ guest: { network } }: NamedGuest, inventory: Inventory): TargetGroup[] {
  const { networks } = inventory;
  if (resolved(networks, network).zone === "management") return [];
  return guestsOf(inventory)
    .filter(({ guest }) => isGuarded(guest, networks))
    .map(({ name, guest: { address } }) => ({ targets: [`${address}:${sshPort}`], labels: { instance: name } }));
}
