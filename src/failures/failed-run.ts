import { z } from "zod";
import { adoptableKinds } from "../adopt/kinds.ts";
import type { Inputs } from "../adopt/lookup.ts";
import { nameOf, typeOf } from "../adopt/sort-resources.ts";

/** One thing that a run could not do. */
export interface Failure {
  readonly urn: string;
  readonly type: string;
  /** What tables call its kind. */
  readonly word: string;
  readonly name: string;
  /** In the engine's words: create, update, delete, replace, read, refresh. */
  readonly operation: string;
  /** Secrets are not among them. */
  readonly inputs: Inputs;
  /** Why, as the provider says it. */
  readonly message: string;
}

const Step = z.object({
  metadata: z.object({
    op: z.string(),
    urn: z.string(),
    new: z.object({ inputs: z.record(z.string(), z.unknown()) }).nullish(),
    old: z.object({ inputs: z.record(z.string(), z.unknown()) }).nullish(),
  }),
});
const Event = z.object({
  diagnosticEvent: z.object({ urn: z.string().optional(), message: z.string(), severity: z.string() }).optional(),
  resourcePreEvent: Step.optional(),
  resOutputsEvent: Step.optional(),
  resOpFailedEvent: Step.optional(),
  timestamp: z.number(),
});
type Event = z.infer<typeof Event>;
type Metadata = z.infer<typeof Step>["metadata"];
const looked = /"(?:resourcePreEvent|resOutputsEvent|resOpFailedEvent)"|"severity":"error"/;

/** Finds what a run could not do in the engine's event log, and then what it did not see the end of. */
export function parseFailedRun(log: string): Failure[] {
  const events = parseEvents(log);
  const said = new Map<string, string>();
  for (const { diagnosticEvent: { urn = "", message = "", severity = "" } = {} } of events) {
    // Of what is said twice the later is the shorter one, without the place in the provider's source.
    if (severity === "error") said.set(urn, message);
  }
  const failed = events.flatMap(({ resOpFailedEvent }) => resOpFailedEvent?.metadata ?? []);
  const unknown = "The engine does not tell why.";
  const cutOff = "The run ended while this went on: Proxmox VE had not answered.";
  return [
    ...failed.map((metadata) => describe(metadata, tidyMessage(said.get(metadata.urn) ?? unknown))),
    ...findUnended(events).map(({ metadata }) => describe(metadata, cutOff)),
    // A component has failed because something in it has.
  ].filter(({ type }) => /^(?:proxmoxve|command):/.test(type));
}

/** Finds what goes on at the end of an event log, with the time at which it began. */
export function parseUnended(log: string): { readonly failure: Failure; readonly since: number }[] {
  return findUnended(parseEvents(log))
    .map(({ metadata, timestamp }) => ({ failure: describe(metadata, ""), since: timestamp }))
    .filter(({ failure }) => /^(?:proxmoxve|command):/.test(failure.type));
}

function findUnended(events: readonly Event[]): { readonly metadata: Metadata; readonly timestamp: number }[] {
  const begun = new Map<string, { metadata: Metadata; timestamp: number }>();
  for (const { resourcePreEvent, resOutputsEvent, resOpFailedEvent, timestamp } of events) {
    if (resourcePreEvent !== undefined && !["same", "read-discard"].includes(resourcePreEvent.metadata.op))
      begun.set(resourcePreEvent.metadata.urn, { metadata: resourcePreEvent.metadata, timestamp });
    const ended = resOutputsEvent ?? resOpFailedEvent;
    if (ended !== undefined) begun.delete(ended.metadata.urn);
  }
  return [...begun.values()];
}

function describe({ op, urn, new: next, old }: Metadata, message: string): Failure {
  const type = typeOf(urn);
  const word = adoptableKinds[type]?.word ?? (type.startsWith("command:") ? "step" : type);
  return { urn, type, word, name: nameOf(urn), operation: op, inputs: next?.inputs ?? old?.inputs ?? {}, message };
}

function parseEvents(log: string): Event[] {
  return log
    .split("\n")
    .filter((line) => looked.test(line))
    .flatMap(parseEvent);
}

/** A line that is cut off, because the engine was killed while it wrote, tells nothing. */
function parseEvent(line: string): Event[] {
  try {
    const parsed = Event.safeParse(JSON.parse(line));
    return parsed.success ? [parsed.data] : [];
  } catch {
    return [];
  }
}

/** The provider wraps its reason in lists of one, and in the name of what the reader knows. */
function tidyMessage(message: string): string {
  return message
    .replaceAll(/\d+ errors? occurred:\s*\*\s*/g, "")
    .replaceAll(/(?:creating|updating|deleting) urn:\S+: /g, "")
    .replaceAll(/\bAll attempts fail:\s*(?=#)/g, "")
    .replaceAll(/\n\s*\n/g, "\n")
    .trim();
}
