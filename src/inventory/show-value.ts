const most = 80;

/** Shows in an error what somebody wrote, whatever it is: in one line, and no longer than that. */
export function showValue(value: unknown): string {
  if (value === undefined) return "The value";
  if (typeof value === "number") return String(value);
  const text = render(value);
  return text.length > most ? `${Array.from(text).slice(0, most).join("")}…` : text;
}

function render(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    // An alias of what it stands in, or blocks in blocks without end.
    return Array.isArray(value) ? "A list that has no end" : "A block that has no end";
  }
}
