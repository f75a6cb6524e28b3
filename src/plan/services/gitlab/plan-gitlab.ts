import type { Inventory } from "../../../inventory/inventory.ts";
import type { GitLab } from "../../../inventory/services/gitlab.ts";
import { partName } from "../../names.ts";
import type { NamedGuest } from "../../named-guests.ts";
import type { StepPlan } from "../../steps.ts";
import { planPackages } from "../install-packages.ts";
import { planBackup } from "./backup.ts";
import { planConfiguration } from "./configuration.ts";
import { gitlabRepository } from "./repository.ts";
import { renderMigrationsCheck, renderUpgradeCheck } from "./upgrade-path.ts";

/** Decides how a guest that runs GitLab is set up; nothing where the inventory has no settings for it. */
export function planGitLab(guest: NamedGuest, inventory: Inventory): StepPlan[] {
  const { gitlab } = inventory.services;
  if (gitlab === undefined) return [];
  return [
    planSoftware(guest.name, gitlab),
    planConfiguration(guest, gitlab, inventory),
    ...planBackup(guest, gitlab, inventory),
  ];
}

function planSoftware(guest: string, { edition, version }: GitLab): StepPlan {
  const wanted = { package: `gitlab-${edition}`, version: `${version}-${edition}.0` };
  const packages = planPackages({
    name: partName(guest, "packages"),
    versions: { [wanted.package]: wanted.version, "openssh-server": "*", openssl: "*", perl: "*" },
    repository: gitlabRepository(edition),
  });
  const upgrade = renderUpgradeCheck(wanted);
  return {
    ...packages,
    check: `${packages.check ?? ""}\n${upgrade}\n${renderMigrationsCheck(wanted)}`,
    // Again here: when an upgrade has failed, what is put back must not install the older version over a newer database.
    activate: `${upgrade}\n${packages.activate ?? ""}`,
    timeoutSeconds: 3600,
  };
}
