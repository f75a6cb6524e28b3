import { readFileSync } from "node:fs";
import { isMap, isNode, isPair, isSeq, LineCounter, parseDocument, type Document } from "yaml";
import type { z } from "zod";
import { messageOf, StartError } from "../start-error.ts";
import type { ClusterState } from "../state/cluster.ts";
import { buildCluster } from "./build-cluster.ts";
import { SeedIssue } from "./seed-issue.ts";
import { SeedFile } from "./seed-schema.ts";

/**
 * Reads what a cluster is at first from a YAML or JSON file.
 * @throws {StartError} that lists what is wrong with it, and where
 */
export function loadSeed(file: string): ClusterState {
  const lines = new LineCounter();
  const document = parseDocument(read(file), { lineCounter: lines, prettyErrors: false });
  const place = (offset: number, path: readonly PropertyKey[]) => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${Math.max(line, 1)}:${Math.max(col, 1)}${path.length === 0 ? "" : `  ${path.join(".")}`}`;
  };
  const [syntax] = document.errors;
  if (syntax !== undefined) {
    throw new StartError(place(syntax.pos[0], []), `This is not valid YAML: ${syntax.message}.`, "Correct the syntax.");
  }
  const parsed = SeedFile.safeParse(document.toJS() ?? {}, { reportInput: true });
  const toError = ({ path, problem, remedy }: Found, others: readonly StartError[] = []) =>
    new StartError(place(offsetOf(document, path), path), problem, remedy, others);
  if (!parsed.success) {
    const [first, ...others] = parsed.error.issues
      .flatMap(describe)
      .sort((a, b) => offsetOf(document, a.path) - offsetOf(document, b.path));
    if (first !== undefined)
      throw toError(
        first,
        others.map((other) => toError(other)),
      );
    throw parsed.error;
  }
  try {
    return buildCluster(parsed.data);
  } catch (error) {
    if (!(error instanceof SeedIssue)) throw error;
    throw toError({ path: error.path, problem: error.message, remedy: error.remedy });
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new StartError(
      `--seed ${file}`,
      `The file cannot be read: ${messageOf(error)}.`,
      "Name a YAML or JSON file.",
    );
  }
}

interface Found {
  readonly path: readonly PropertyKey[];
  readonly problem: string;
  readonly remedy: string;
}

/** Our own rules carry `problem | remedy` in their message. */
function describe(issue: z.core.$ZodIssue): Found[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      path: [...issue.path, key],
      problem: `There is no setting "${key}" here.`,
      remedy: "Correct its name; simulator/examples shows what there is.",
    }));
  }
  const message = issue.code === "invalid_key" ? (issue.issues[0]?.message ?? issue.message) : issue.message;
  const [problem = "", remedy = "Correct the value; simulator/examples shows what there is."] = message.split(" | ");
  return [{ path: issue.path, problem: /[.!?]$/.test(problem) ? problem : `${problem}.`, remedy }];
}

/** Where a value stands, or the nearest thing around it. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length--) {
    const parent = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true);
    const last = path[length - 1];
    if (isSeq(parent) && isNode(parent.items[Number(last)])) {
      const item = parent.items[Number(last)];
      if (isNode(item)) return item.range?.[0] ?? 0;
    }
    const pair = isMap(parent)
      ? parent.items.find((item) => isPair(item) && isNode(item.key) && String(item.key) === String(last))
      : undefined;
    if (isNode(pair?.key)) return pair.key.range?.[0] ?? 0;
  }
  return 0;
}
