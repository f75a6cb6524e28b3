import type { Inventory } from "../../inventory/inventory.ts";
import type { NamedGuest } from "../named-guests.ts";
import { partName } from "../names.ts";
import type { FilePlan, StepPlan } from "../steps.ts";
import { planPackages } from "./install-packages.ts";
import { hasNodeExporter, planNodeExporter } from "./node-exporter.ts";

// Only what Debian's security team publishes: it keeps the versions that are pinned, and what comes from other
// repositories is upgraded by a change of the inventory alone.
const upgrades: FilePlan = {
  path: "/etc/apt/apt.conf.d/52homelab-upgrades",
  mode: "0644",
  owner: "root:root",
  text: [
    `APT::Periodic::Update-Package-Lists "1";
APT::Periodic::Unattended-Upgrade "1";
APT::Periodic::AutocleanInterval "7";
#clear Unattended-Upgrade::Origins-Pattern;
Unattended-Upgrade::Origins-Pattern {
  "origin=Debian,codename=\${distro_codename}-security,label=Debian-Security";
};
Unattended-Upgrade::Automatic-Reboot "false";
`,
  ],
};

/** Decides what every guest with Debian in it gets, before its own software. */
export function planSystem({ name }: NamedGuest, inventory: Inventory): StepPlan[] {
  const { system } = inventory.services;
  if (system === undefined) return [];
  const packages = planPackages({
    name: partName(name, "system-packages"),
    versions: { "unattended-upgrades": "*" },
    files: [upgrades],
  });
  return [
    ...(system.securityUpgrades ? [packages] : []),
    ...(hasNodeExporter(inventory) ? planNodeExporter(name) : []),
  ];
}
