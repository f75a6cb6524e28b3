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
  /** Of a step: what it is applied in. */
  readonly within: StepPlace | undefined;
  /** Why, as the provider says it. */
  readonly message: string;
  /** Whether the run ended while it went on, so that nobody knows what came of it. */
  readonly isCutOff: boolean;
}

/** A guest or a node in which a step is applied. */
export interface StepPlace {
  readonly name: string;
  readonly node: string;
  /** Undefined for a node. */
  readonly vmid: number | undefined;
}

const State = z.object({ inputs: z.record(z.string(), z.unknown()), parent: z.string().nullish() }).nullish();
const Step = z.object({ metadata: z.object({ op: z.string(), urn: z.string(), new: State, old: State }) });
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
  const describe = describeBy(events);
  // Where a part of it was done, the failure has that part for the new state; what was wanted is told before.
  const wanted = new Map(events.flatMap(({ resourcePreEvent: begun }) => (begun ? [[begun.metadata.urn, begun]] : [])));
  const failed = events.flatMap(({ resOpFailedEvent }) => {
    if (resOpFailedEvent === undefined) return [];
    const { metadata } = resOpFailedEvent;
    return { ...metadata, new: wanted.get(metadata.urn)?.metadata.new ?? metadata.new };
  });
  const unknown = "The engine does not tell why.";
  return [
    ...failed.map((metadata) => describe(metadata, tidyMessage(said.get(metadata.urn) ?? unknown))),
    ...findUnended(events).map(({ metadata }) => describe(metadata)),
    // A component has failed because something in it has.
  ].filter(({ type }) => /^(?:proxmoxve|command):/.test(type));
}

/** What a run has begun and not ended yet. */
export interface Unended {
  readonly failure: Failure;
  /** Seconds of Unix time. */
  readonly since: number;
}

/** Finds what goes on at the end of an event log. */
export function parseUnended(log: string): Unended[] {
  const events = parseEvents(log);
  const describe = describeBy(events);
  return findUnended(events)
    .map(({ metadata, timestamp }) => ({ failure: describe(metadata), since: timestamp }))
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

/** Describes failures, and what had not ended where no reason is given; the guests of the same run tell where steps are. */
function describeBy(events: readonly Event[]): (metadata: Metadata, reason?: string) => Failure {
  const guests = new Map(events.flatMap(({ resourcePreEvent }) => guestOf(resourcePreEvent?.metadata)));
  return (metadata, reason) => {
    const { op: operation, urn, new: next, old } = metadata;
    const type = typeOf(urn);
    const isStep = type.startsWith("command:");
    const word = adoptableKinds[type]?.word ?? (isStep ? "step" : type);
    const parent = nameOf(next?.parent ?? old?.parent ?? "");
    const within =
      isStep && parent !== "" ? (guests.get(parent) ?? { name: parent, node: parent, vmid: undefined }) : undefined;
    const message = reason ?? "The run ended while this went on: Proxmox VE had not answered.";
    const isCutOff = reason === undefined;
    return { urn, type, word, name: nameOf(urn), operation, inputs: inputsOf(metadata), within, message, isCutOff };
  };
}

function guestOf(metadata: Metadata | undefined): (readonly [string, StepPlace])[] {
  const word = adoptableKinds[typeOf(metadata?.urn ?? "")]?.word;
  if (metadata === undefined || (word !== "container" && word !== "machine")) return [];
  const name = nameOf(metadata.urn);
  const { nodeName, vmId } = inputsOf(metadata);
  return typeof nodeName === "string" ? [[name, { name, node: nodeName, vmid: Number(vmId) }]] : [];
}

function inputsOf({ new: next, old }: Metadata): Inputs {
  return next?.inputs ?? old?.inputs ?? {};
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
