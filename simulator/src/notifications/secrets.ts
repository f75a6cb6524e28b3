import type { Section, Sections } from "../state/cluster.ts";
import type { World } from "../world.ts";

/** Moves secrets of a target out of its section, where requests can read them. */
export function setApart({ state }: World, name: string, entity: Section, settings: readonly string[]): void {
  const secrets = ((state.secrets ??= {}).notificationEndpoints ??= {});
  const own = (secrets[name] ??= {});
  for (const setting of settings) {
    if (entity[setting] === undefined) continue;
    own[setting] = entity[setting];
    Reflect.deleteProperty(entity, setting);
  }
}

/** The secrets of a target. */
export function secretsOf({ state }: World, name: string): Section {
  return state.secrets?.notificationEndpoints?.[name] ?? {};
}

/** Forgets secrets of a target: these, or all of them. */
export function forgetSecrets({ state }: World, name: string, settings?: readonly string[]): void {
  const secrets: Sections = state.secrets?.notificationEndpoints ?? {};
  if (settings === undefined) Reflect.deleteProperty(secrets, name);
  for (const setting of settings ?? []) Reflect.deleteProperty(secrets[name] ?? {}, setting);
}
