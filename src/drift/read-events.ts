import { z } from "zod";
import { Preview } from "../adopt/engine-files.ts";

const State = z.looseObject({ outputs: z.record(z.string(), z.unknown()).nullish() }).nullish();
const Event = z.looseObject({
  resOutputsEvent: z
    .looseObject({
      metadata: z.looseObject({
        op: z.string(),
        urn: z.string(),
        old: State,
        new: State,
        diffs: z.array(z.string()).nullish(),
        detailedDiff: z.record(z.string(), z.unknown()).nullish(),
      }),
    })
    .optional(),
  diagnosticEvent: z
    .looseObject({ urn: z.string().optional(), severity: z.string().optional(), message: z.string().optional() })
    .optional(),
});

/**
 * Reads what the engine writes to its event log, one JSON object a line. `--json` does not tell of changes that a provider
 * of the newer kind finds: https://www.pulumi.com/docs/iac/automation-api/
 */
export function readEvents(log: string): Preview {
  const events = log
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => Event.parse(JSON.parse(line)));
  return Preview.parse({
    steps: events.flatMap(({ resOutputsEvent }) => {
      if (resOutputsEvent === undefined) return [];
      const { op, urn, old, new: fresh, diffs, detailedDiff } = resOutputsEvent.metadata;
      const stateOf = (state: z.infer<typeof State>) => (state == null ? undefined : { outputs: state.outputs ?? {} });
      return [
        {
          op,
          urn,
          oldState: stateOf(old),
          newState: stateOf(fresh),
          diffReasons: diffs ?? [],
          detailedDiff: detailedDiff ?? {},
        },
      ];
    }),
    diagnostics: events.flatMap(({ diagnosticEvent }) => (diagnosticEvent === undefined ? [] : [diagnosticEvent])),
  });
}
