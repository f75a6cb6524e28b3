/** A value that gitlab.rb can hold. */
export type RubyValue = boolean | number | string | readonly RubyValue[] | RubyExpression;

/** Ruby that is written as it stands. */
export interface RubyExpression {
  readonly ruby: string;
}

/** A value as Ruby writes it. */
export function renderRuby(value: RubyValue): string {
  if (typeof value === "string") return rubyString(value);
  if (typeof value !== "object") return String(value);
  if ("ruby" in value) return value.ruby;
  return `[${value.map(renderRuby).join(", ")}]`;
}

/** Reads a secret from a file when GitLab is configured, so that no quoting depends on what is in it. */
export function rubyFromFile(path: string): RubyExpression {
  return { ruby: `File.read(${rubyString(path)}).chomp` };
}

/** Between apostrophes nothing is replaced. */
function rubyString(text: string): string {
  return `'${text.replaceAll(/['\\]/g, String.raw`\$&`)}'`;
}
