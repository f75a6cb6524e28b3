import type { Inventory } from "./inventory.ts";
import { checkAddresses } from "./rules/addresses.ts";
import { checkBackups, checkStagger } from "./rules/backups.ts";
import { checkCapacity, checkCores } from "./rules/capacity.ts";
import { checkDataDisks } from "./rules/data-disks.ts";
import { checkFirewalls } from "./rules/firewalls.ts";
import { checkGitLab } from "./rules/gitlab.ts";
import { checkImages } from "./rules/images.ts";
import { checkInfluxDb } from "./rules/influxdb.ts";
import { checkNames } from "./rules/names.ts";
import { checkPlacement } from "./rules/placement.ts";
import { checkPrometheus } from "./rules/prometheus.ts";
import type { RuleIssue } from "./rules/rule.ts";
import { checkStorages } from "./rules/storages.ts";
import { checkTraefik } from "./rules/traefik.ts";
import { checkUnique } from "./rules/unique.ts";
import { waive } from "./rules/waive.ts";

/** Checks what no single value shows: that all of it fits together, and that it follows the homelab's policies. */
export function checkReferences(inventory: Inventory): RuleIssue[] {
  const policies = [checkPlacement, checkBackups, checkCapacity, checkImages];
  const rules = [
    checkNames,
    checkUnique,
    checkAddresses,
    checkStorages,
    checkFirewalls,
    checkDataDisks,
    checkGitLab,
    checkStagger,
    checkCores,
    checkTraefik,
    checkPrometheus,
    checkInfluxDb,
  ];
  return [
    ...rules.flatMap((check) => check(inventory)),
    ...waive(
      policies.flatMap((check) => check(inventory)),
      inventory,
    ),
  ];
}
