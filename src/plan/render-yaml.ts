import { stringify } from "yaml";

/** Renders a value as YAML that old and new readers take for the same: to those of YAML 1.1 `on` and `2026-01-01` are no texts. */
export function renderYaml(value: unknown): string {
  return stringify(value, { aliasDuplicateObjects: false, compat: "yaml-1.1", lineWidth: 0 });
}
