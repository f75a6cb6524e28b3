interface Key {
  readonly type: string;
  readonly defaultKey?: true;
  readonly optional?: true;
  readonly alias?: string;
  /** `virtio=MAC` says two things: `model=virtio` and `macaddr=MAC`. */
  readonly keyAlias?: string;
}

/**
 * Splits `local-zfs:8,size=8G` into its keys, as PVE::JSONSchema::parse_property_string does.
 * A text instead of an object says what is wrong.
 */
export function parsePropertyString(
  format: Readonly<Record<string, Key>>,
  text: string,
): Record<string, string> | string {
  const values: Record<string, string> = {};
  const defaultKey = Object.entries(format).find(([, key]) => key.defaultKey)?.[0];
  for (const part of text.split(",").filter((piece) => piece.trim() !== "")) {
    const equals = part.indexOf("=");
    const written = equals > 0 ? part.slice(0, equals) : undefined;
    const name =
      written === undefined || !Object.hasOwn(format, written) ? undefined : (format[written]?.alias ?? written);
    if (name !== undefined) {
      if (Object.hasOwn(values, name)) return `duplicate key in comma-separated list property: ${name}`;
      const keyAlias = written === undefined ? undefined : format[written]?.keyAlias;
      if (keyAlias !== undefined && written !== undefined) {
        if (Object.hasOwn(values, keyAlias)) return `key alias '${keyAlias}' is already defined`;
        values[keyAlias] = written;
      }
      values[name] = part.slice(equals + 1);
    } else if (written !== undefined && /^[a-z_-]+\d*$/.test(written)) {
      return `format error\n${written}: property is not defined in schema and the schema does not allow additional properties\n`;
    } else if (defaultKey !== undefined && !Object.hasOwn(values, defaultKey)) values[defaultKey] = part;
    else return "value without key, but schema does not define a default key";
  }
  return values;
}

/** Writes a property string in Proxmox's order: what may stand without its key, what is required, the rest by name. */
export function printPropertyString(
  format: Readonly<Record<string, Key>>,
  values: Readonly<Record<string, string>>,
): string {
  const rank = (name: string) => (format[name]?.defaultKey ? 0 : format[name]?.optional ? 2 : 1);
  const combined = Object.values(format).find(
    ({ keyAlias, alias = "" }) => keyAlias !== undefined && values[keyAlias] !== undefined && alias in values,
  );
  return Object.entries(values)
    .filter(([name]) => name !== combined?.alias)
    .sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1))
    .map(([name, value]) => {
      if (name === combined?.keyAlias) return `${value}=${values[combined.alias ?? ""] ?? ""}`;
      return format[name]?.defaultKey ? value : `${name}=${value}`;
    })
    .join(",");
}

/** Splits `keep-daily=7,keep-weekly=4` where every key is written; numbers as numbers. */
export function parsePairs(text: string): Record<string, string | number> {
  const pairs = text.split(",").map((part): [string, string | number] => {
    const [name = "", value = ""] = part.split("=");
    return [name, /^\d+$/.test(value) ? Number(value) : value];
  });
  return Object.fromEntries(pairs);
}
