import type { BridgePlan } from "../plan/hosts.ts";
import type { Interface } from "../proxmox/answers.ts";
import { fine, listOf, problem, warning, type Finding } from "./finding.ts";

/** Whether a bridge is there and knows VLANs, or its name is free. */
export function checkBridge(
  { node, bridge, origin, ports, vlanAware }: BridgePlan,
  existing: Interface | undefined,
  managed: boolean | undefined,
): Finding {
  const subject = `bridge ${bridge} of ${node}`;
  if (existing === undefined && origin === "create") return fine(subject, "Its name is free.");
  if (existing === undefined) {
    return problem(
      subject,
      "The installer should have made it, and it is not there.",
      `Correct nodes.${node}.bridges in config/homelab/nodes.yaml, or write origin: create.`,
    );
  }
  if (origin === "create" && managed === false) {
    return problem(
      subject,
      "It exists already, and this stack has not made it: creating it would fail.",
      "If it is to be used as it is, write origin: installer.",
    );
  }
  if (existing.type !== "bridge") {
    return problem(subject, `It is no Linux bridge, but of the type ${existing.type}.`, "Name a Linux bridge.");
  }
  if (vlanAware && !existing.bridge_vlan_aware) {
    return problem(
      subject,
      "It does not know VLANs: guests could not be kept apart.",
      `On ${node}, write under iface ${bridge} in /etc/network/interfaces, and reload:\n  bridge-vlan-aware yes\n  bridge-vids 2-4094\n  ifreload -a`,
    );
  }
  if (!existing.active) {
    return problem(subject, "It is not up.", `Look on ${node}:\n  ifreload -a && ip link show ${bridge}`);
  }
  const attached = existing.bridge_ports
    .split(/\s+/)
    .filter((port) => port !== "")
    .sort();
  if (attached.join() !== ports.join()) {
    return warning(
      subject,
      `It is attached to ${listOf(attached) || "nothing"}, not to ${listOf(ports) || "nothing"} as the inventory says.`,
      `Correct nodes.${node}.bridges.${bridge}.ports in config/homelab/nodes.yaml.`,
    );
  }
  return fine(subject, `It is up${vlanAware ? ", and knows VLANs" : ""}.`);
}
