/** Makes a JavaScript expression of a POSIX one, basic or extended. */
export function posixExpression(
  pattern: string,
  { extended = false, ignoreCase = false, global = false } = {},
): RegExp {
  const source = extended ? pattern : fromBasic(pattern);
  return new RegExp(classes(source), `${ignoreCase ? "i" : ""}${global ? "g" : ""}`);
}

/** In a basic expression, `\(` groups and `(` is itself. */
function fromBasic(pattern: string): string {
  return pattern.replaceAll(/\[\^?\]?(?:\[:\w+:\]|[^\]])*\]|\\?[^]/g, (token, offset: number) => {
    if (/^\\[(){}|+?]$/.test(token)) return token.slice(1);
    if (/^[(){}|+?]$/.test(token)) return `\\${token}`;
    // A star at the beginning is itself.
    return token === "*" && (offset === 0 || pattern.slice(0, offset) === "^") ? "\\*" : token;
  });
}

const named: Readonly<Record<string, string>> = {
  alnum: "A-Za-z0-9",
  alpha: "A-Za-z",
  blank: " \\t",
  digit: "0-9",
  lower: "a-z",
  punct: "!-\\/:-@\\[-`{-~",
  space: "\\s",
  upper: "A-Z",
  xdigit: "0-9A-Fa-f",
};

function classes(source: string): string {
  return source.replaceAll(/\[:(\w+):\]/g, (all, name: string) => named[name] ?? all).replaceAll(/\\[<>]/g, "\\b");
}
