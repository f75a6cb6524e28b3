/** Attributes of an element; undefined ones are left out. */
export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** Where something is, and how big. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Renders an element around elements that are rendered already, one per line. */
export function renderElement(name: string, attributes: Attributes, children: readonly string[] = []): string {
  const start = `${name}${renderAttributes(attributes)}`;
  if (children.length === 0) return `<${start}/>`;
  return [`<${start}>`, ...children.map((child) => child.replace(/^/gm, "  ")), `</${name}>`].join("\n");
}

/** Renders an element that holds text. */
export function renderText(name: string, attributes: Attributes, text: string): string {
  return `<${name}${renderAttributes(attributes)}>${escapeXml(text)}</${name}>`;
}

/** Renders a rectangle. */
export function renderRect({ x, y, width, height }: Box, attributes: Attributes): string {
  return renderElement("rect", { x, y, width, height, ...attributes });
}

/** Makes a text safe in XML, in one line. */
export function escapeXml(text: string): string {
  return (
    text
      .replace(/\s/gu, " ")
      // What XML cannot hold, escaped or not.
      .replace(/[^\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, "\u{FFFD}")
      .replaceAll("&", "&amp;")
      .replaceAll("<", "&lt;")
      .replaceAll(">", "&gt;")
      .replaceAll('"', "&quot;")
  );
}

function renderAttributes(attributes: Attributes): string {
  return Object.entries(attributes)
    .map(([name, value]) => {
      if (value === undefined) return "";
      return ` ${name}="${typeof value === "number" ? String(Math.round(value * 10) / 10) : escapeXml(value)}"`;
    })
    .join("");
}
