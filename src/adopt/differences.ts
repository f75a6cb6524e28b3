import type { Preview, PreviewStep } from "./engine-files.ts";
import { adoptableKinds } from "./kinds.ts";
import { placeOf, type Place } from "./places.ts";
import { nameOf, typeOf } from "./sort-resources.ts";
import { at } from "./state.ts";

/** One property that is not as the inventory says. */
export interface Difference {
  readonly urn: string;
  readonly property: string;
  readonly was: unknown;
  readonly is: unknown;
  /** Whether a run would make the resource anew for it, and lose what is in it. */
  readonly replaces: boolean;
  /** Whether neither says anything, and a run writes out what is Proxmox VE's default anyway. */
  readonly isDefault: boolean;
  readonly place: Place;
}

/** What the next run would change of resources that have just been adopted. */
export function findDifferences({ steps }: Pick<Preview, "steps">, adopted: ReadonlySet<string>): Difference[] {
  return steps
    .filter(({ op, urn }) => adopted.has(urn) && ["update", "replace"].includes(op))
    .flatMap((step) => propertiesOf(step).map((property) => describe(step, property)));
}

function propertiesOf({ detailedDiff, diffReasons }: PreviewStep): string[] {
  const detailed = Object.keys(detailedDiff ?? {});
  const coarse = (diffReasons ?? []).filter((reason) => !detailed.some((path) => segments(path)[0] === reason));
  return [...detailed, ...coarse].filter((property) => !property.startsWith("__")).sort();
}

function describe(
  { urn, newState, oldState, replaceReasons, detailedDiff }: PreviewStep,
  property: string,
): Difference {
  const path = segments(property);
  const reasons = (replaceReasons ?? []).map((reason) => segments(reason)[0]);
  const was = at(oldState?.outputs, path) ?? at(oldState?.inputs, path) ?? "";
  const is = at(newState?.inputs, path) ?? "";
  const { kind } = (detailedDiff?.[property] ?? {}) as { kind?: unknown };
  const replaces = reasons.includes(path[0]) || (typeof kind === "string" && kind.endsWith("-replace"));
  return {
    urn,
    property,
    was,
    is,
    replaces,
    isDefault: adoptableKinds[typeOf(urn)]?.writesDefaults === true && !replaces && was === "" && is === "",
    place: placeOf({ type: typeOf(urn), name: nameOf(urn), inputs: newState?.inputs ?? {} }, property),
  };
}

/** `disks[0].size` in parts. */
function segments(property: string): (string | number)[] {
  return [...property.matchAll(/\[(\d+)\]|\["([^"]*)"\]|([^.[\]]+)/g)].map(([, index, quoted, plain]) =>
    index === undefined ? (quoted ?? plain ?? "") : Number(index),
  );
}
