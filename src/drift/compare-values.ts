/** One place in a value that differs: `rules[2].dport`. */
export interface ValueChange {
  readonly path: string;
  readonly was: unknown;
  readonly is: unknown;
}

type Entries = Readonly<Record<string, unknown>>;

/** Finds where two values differ, as deep as that makes sense to people: a list of words is told as a whole. */
export function compareValues(path: string, was: unknown, is: unknown): ValueChange[] {
  if (canonical(was) === canonical(is)) return [];
  if (Array.isArray(was) && Array.isArray(is)) return compareLists(path, was, is);
  if (!isEntries(was) || !isEntries(is)) return [{ path, was: was ?? null, is: is ?? null }];
  // Providers keep the place of what is gone.
  if (path !== "" && isHollow(is)) return [{ path, was: shown(was), is: null }];
  return [...new Set([...Object.keys(was), ...Object.keys(is)])]
    .filter((key) => !key.startsWith("__"))
    .sort()
    .flatMap((key) => compareValues(path === "" ? key : `${path}.${key}`, was[key], is[key]));
}

function compareLists(path: string, was: readonly unknown[], is: readonly unknown[]): ValueChange[] {
  if (![...was, ...is].every(isEntries)) return [{ path, was, is }];
  if (was.length === is.length)
    return was.flatMap((item, index) => compareValues(`${path}[${index}]`, item, is[index]));
  // One that comes or goes moves all that follow, which is not what has happened.
  const gone = without(was, is).map((item) => ({ path, was: shown(item), is: null }));
  const come = without(is, was).map((item) => ({ path, was: null, is: shown(item) }));
  return [...gone, ...come];
}

/** What is in the one list and not in the other; of two that are alike, each needs one of its own there. */
function without(items: readonly unknown[], others: readonly unknown[]): unknown[] {
  const left = others.map((other) => canonical(shown(other)));
  return items.filter((item) => {
    const index = left.indexOf(canonical(shown(item)));
    if (index === -1) return true;
    left.splice(index, 1);
    return false;
  });
}

/** An item of a list without what says nothing of it, such as its place there. */
function shown(item: unknown): unknown {
  if (!isEntries(item)) return item;
  return Object.fromEntries(
    Object.entries(item).filter(
      ([key, value]) => key !== "pos" && !key.startsWith("__") && value !== "" && value !== null && value !== undefined,
    ),
  );
}

/** JSON in which the order of keys says nothing, and what is not there is the same as null or an empty list. */
function canonical(value: unknown): string {
  return JSON.stringify(isNothing(value) ? null : value, (_, inner: unknown) =>
    isEntries(inner)
      ? Object.fromEntries(
          Object.entries(inner)
            .filter(([key, item]) => !key.startsWith("__") && !isNothing(item))
            .sort(([a], [b]) => (a < b ? -1 : Number(a > b))),
        )
      : inner,
  );
}

/** A provider tells a list that nobody has written now so and now so. */
function isNothing(value: unknown): boolean {
  return value === null || value === undefined || (Array.isArray(value) && value.length === 0);
}

function isHollow(value: Entries): boolean {
  return Object.values(value).every((item) => isNothing(item) || item === "");
}

function isEntries(value: unknown): value is Entries {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
