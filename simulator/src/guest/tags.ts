import { facts } from "../api/facts.ts";
import { splitList } from "../lists.ts";
import { parsePropertyString } from "../property-string.ts";
import type { World } from "../world.ts";

/**
 * Writes tags as a configuration has them: in lower case, unless the datacenter's `tag-style` says otherwise, and each of them once
 * (PVE::GuestHelpers::get_unique_tags).
 */
export function printTags({ state }: Pick<World, "state">, text: string): string {
  const style = tagStyle(state.datacenter["tag-style"]);
  const keepsCase = /^(?:1|on|yes|true)$/i.test(style["case-sensitive"] ?? "");
  const tags = splitList(keepsCase ? text : text.toLowerCase());
  const unique = [...new Set(tags)];
  return (style["ordering"] === "config" ? unique : unique.sort()).join(";");
}

function tagStyle(text: string | undefined): Readonly<Record<string, string>> {
  const format = facts["PUT /cluster/options"].parameters["tag-style"]?.format;
  if (text === undefined || typeof format !== "object") return {};
  const parsed = parsePropertyString(format, text);
  return typeof parsed === "string" ? {} : parsed;
}
