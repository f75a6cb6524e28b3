/** What `pct status` and `qm status` print. */
export function printStatus({ status }: { readonly status: string }): string {
  return `status: ${status}\n`;
}

/** What `pct config` and `qm config` print. */
export function printConfig(config: Readonly<Record<string, unknown>>): string {
  return Object.keys(config)
    .filter((name) => name !== "digest")
    .sort()
    .flatMap((name) => linesOf(name, config[name]))
    .join("");
}

function linesOf(name: string, value: unknown): string[] {
  // lxc.* settings are pairs, since a name may come several times.
  if (Array.isArray(value)) return (value as [string, string][]).map(([key, text]) => `${key}: ${text}\n`);
  const text = String(value);
  return [`${name}: ${name === "description" ? encodeURIComponent(text) : text}\n`];
}
