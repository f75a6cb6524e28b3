import { ApiError } from "../api-error.ts";
import { digestOf, fromSection } from "../section-config.ts";
import type { Section, Sections } from "../state/cluster.ts";
import type { World } from "../world.ts";
import type { Kind } from "./kinds.ts";

/** Which configuration a request wants to see: without either, what is written. */
export interface View {
  readonly pending?: boolean;
  readonly running?: boolean;
}

type State = "new" | "changed" | "deleted";

/** One object as a view shows it. */
export interface Seen {
  readonly section: Section;
  /** What applying would change; `deleted` stands for settings that go. */
  readonly pending?: Section;
  readonly state?: State;
}

/** The objects of a kind by ID, as a view shows them. */
export function seenBy(world: World, { file }: Kind, { pending = false, running = false }: View): Map<string, Seen> {
  const { sdn } = world.state;
  if (pending) return compare(sdn.running[file], sdn.configured[file]);
  const sections = running ? sdn.running[file] : sdn.configured[file];
  const ids = Object.keys(sections).sort();
  return new Map(ids.map((id) => [id, { section: sections[id] ?? {} }]));
}

/**
 * One object as a view shows it.
 * @throws {ApiError} 500
 */
export function seenObject(world: World, kind: Kind, view: View, id: string): Seen {
  const seen = seenBy(world, kind, view).get(id);
  if (seen === undefined) throw new ApiError(500, kind.missing(id));
  return seen;
}

/** An object as answers have it. */
export function describeObject<Described>(
  world: World,
  kind: Kind<Described>,
  view: View,
  id: string,
  { section, pending, state }: Seen,
): Described {
  const isWritten = view.pending !== true && view.running !== true;
  return {
    ...describeSection(kind, section),
    ...(pending === undefined ? {} : { pending: describeSection(kind, pending) }),
    ...(state === undefined ? {} : { state }),
    [kind.noun]: id,
    ...(isWritten ? { digest: digestOf(world.state.sdn.configured[kind.file]) } : {}),
  } as Described;
}

/** Whether anything is written that does not run. */
export function hasPendingChanges(world: World): boolean {
  const { running, configured } = world.state.sdn;
  return (["zones", "vnets", "subnets", "controllers"] as const).some((file) =>
    [...compare(running[file], configured[file]).values()].some(({ pending }) => pending !== undefined),
  );
}

function describeSection({ endpoint }: Kind, section: Section): Record<string, unknown> {
  const values = fromSection(section, endpoint);
  const deleted = Object.entries(section).filter(([, value]) => value === "deleted");
  return { ...values, ...Object.fromEntries(deleted) };
}

function compare(running: Sections, configured: Sections): Map<string, Seen> {
  const ids = [...new Set([...Object.keys(running), ...Object.keys(configured)])].sort();
  return new Map(ids.map((id) => [id, compareSections(running[id], configured[id] ?? {})]));
}

/** Of a new object only the type is in force, and a subnet's vnet; of others what runs. */
function compareSections(running: Section | undefined, configured: Section): Seen {
  if (Object.keys(configured).length === 0) return { section: running ?? {}, pending: {}, state: "deleted" };
  const identity = Object.fromEntries(Object.entries(configured).filter(([name]) => isIdentity(name)));
  const before = running ?? {};
  const changed = Object.entries(configured).filter(([name, value]) => !isIdentity(name) && before[name] !== value);
  const removed = Object.keys(before).filter((name) => configured[name] === undefined);
  const pending = { ...Object.fromEntries(removed.map((name) => [name, "deleted"])), ...Object.fromEntries(changed) };
  if (running === undefined) return { section: identity, pending, state: "new" };
  if (Object.keys(pending).length === 0) return { section: { ...before, ...identity } };
  return { section: { ...before, ...identity }, pending, state: "changed" };
}

function isIdentity(name: string): boolean {
  return name === "type" || name === "vnet";
}
