import type { Surface } from "./surface.ts";

/** A place where an SDK and the schema of its plugin disagree. */
export interface SdkDifference {
  readonly at: string;
  readonly sdk: string;
  readonly schema: string;
}

/** Lists every place that only one of the two knows, or that they describe differently, sorted by place. */
export function compareSdkWithSchema(sdk: Surface, schema: Surface): SdkDifference[] {
  return [...new Set([...sdk.keys(), ...schema.keys()])]
    .map((at) => ({ at, sdk: sdk.get(at) ?? "absent", schema: schema.get(at) ?? "absent" }))
    .filter((place) => place.sdk !== place.schema)
    .sort((one, other) => (one.at < other.at ? -1 : 1));
}
