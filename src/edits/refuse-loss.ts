import { readFileSync } from "node:fs";
import { log, runtime } from "@pulumi/pulumi";
import type { LocatedInventory } from "../inventory/load.ts";
import type { HomelabPlan } from "../plan/plan.ts";
import { Guests, type ExistingGuest } from "../proxmox/answers.ts";
import { ReadApi } from "../proxmox/read-api.ts";
import { openConnection } from "../proxmox/send.ts";
import { trustAuthorities, type Trust } from "../proxmox/trust.ts";
import type { Settings } from "../settings.ts";
import type { Built } from "../state/built.ts";
import { checkEdits } from "./check-edits.ts";
import { adoptVariable, removeVariable } from "./variables.ts";

/** What the program knows before it registers anything. */
export interface BeforeRun {
  readonly located: LocatedInventory;
  readonly plan: HomelabPlan;
  readonly built: Built;
  readonly settings: Settings;
}

/**
 * Refuses a run that would lose a guest or a volume, or take over a guest of others.
 * @throws {InventoryError} that lists each such edit with its place and the way on
 * @throws {Error} if the server cannot be asked who has which VMID, unless this is a preview
 */
export async function refuseLoss({ located, plan, built, settings }: BeforeRun): Promise<void> {
  const removed = new Set((process.env[removeVariable] ?? "").split(",").filter((name) => name !== ""));
  // What differs is listed by adopt itself, and refused by the next up.
  if (process.env[adoptVariable] !== undefined) return;
  const existing = await askGuests(settings);
  const refused = checkEdits({ inventory: located.inventory, plan, built, existing, removed });
  located.refuse(refused);
}

async function askGuests(settings: Settings): Promise<ExistingGuest[] | undefined> {
  const connection = openConnection(settings.endpoint, trustOf(settings));
  const token = await new Promise<string>((resolve) => settings.apiToken.apply(resolve));
  const answer = await new ReadApi(connection, token).read("/cluster/resources", Guests, {
    parameters: { type: "vm" },
  });
  connection.agent.destroy();
  if (answer.kind === "read") return answer.value;
  const problem = `${settings.endpoint} does not say which guest has which VMID: ${answer.message}`;
  if (!runtime.isDryRun()) throw new Error(`${problem}. Nothing was changed. See why: npm run doctor`);
  void log.warn(`${problem}. This preview does not know whether a VMID belongs to another guest; up asks again.`);
  return undefined;
}

function trustOf({ insecure, caFile }: Settings): Trust {
  if (insecure) return { kind: "anyone" };
  return trustAuthorities(caFile === undefined ? undefined : readFileSync(caFile, "utf8"));
}
