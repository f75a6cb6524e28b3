import { createHash } from "node:crypto";
import { onNode, type Access, type OnNode } from "./on-node.ts";
import { quote } from "./render-commands.ts";

/** What a node runs to tell the SHA-256 of volumes that are files; their IDs are its standard input, each in a line. */
const script = `while IFS= read -r volume; do
  path=$(pvesm path "$volume" </dev/null 2>/dev/null) || path=
  sum=$(sha256sum <"$path" 2>/dev/null) || sum=
  printf '%s %s\\n' "\${sum%% *}" "$volume"
done`;

/** The SHA-256 of volumes by their IDs; of what is not there, it is empty. */
export type Sums = ReadonlyMap<string, string>;

/** The SHA-256 of a text, as nodes tell it. */
export function sumOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** Tells what is in files of a node's storages, which no API does. */
export async function sumVolumes(node: string, volumeIds: readonly string[], access: Access): Promise<OnNode<Sums>> {
  const asked = await onNode(node, access, (session) =>
    session.run(`sh -c ${quote(script)}`, volumeIds.map((id) => `${id}\n`).join("")),
  );
  if (asked.kind === "unreachable") return asked;
  const { code, stdout, stderr } = asked.value;
  if (code !== 0) return { kind: "unreachable", reason: stderr.trim() === "" ? `exit code ${code}` : stderr.trim() };
  const lines = stdout.split("\n").filter((line) => line !== "");
  return {
    kind: "done",
    value: new Map(lines.map((line) => [line.slice(line.indexOf(" ") + 1), line.slice(0, line.indexOf(" "))] as const)),
  };
}
