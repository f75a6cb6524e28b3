import { isDraft } from "immer";
import type { Section } from "../state/cluster.ts";

/**
 * Remembers what follows from a configuration alone: lists of many guests ask for it again and again. A configuration
 * never changes once its transaction has ended; of one that is still worked on nothing is remembered.
 */
export function derived<T>(compute: (config: Section) => T): (config: Section) => T {
  const known = new WeakMap<Section, { readonly value: T }>();
  return (config) => {
    const found = known.get(config);
    if (found !== undefined) return found.value;
    const value = compute(config);
    if (!isDraft(config) && Object.isFrozen(config)) known.set(config, { value });
    return value;
  };
}
