/** One element of an SVG. */
export interface SvgElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: SvgElement[];
  text: string;
}

const token =
  /<\/(?<end>[a-z]+)>|<(?<start>[a-zA-Z]+)(?<attributes>(?: [a-zA-Z-]+="[^"<]*")*)(?<empty>\/?)>|(?<text>[^<>]+)/gy;

/** Reads the part of XML that pictures are written in; whatever else is in the text is an error. */
export function readSvg(svg: string): SvgElement {
  const root: SvgElement = { name: "", attributes: {}, children: [], text: "" };
  const open = [root];
  let position = 0;
  for (const match of svg.matchAll(token)) {
    position = match.index + match[0].length;
    const { end, start, attributes = "", empty, text } = match.groups ?? {};
    const current = open.at(-1) ?? root;
    if (text !== undefined) current.text += unescape(text);
    if (start !== undefined) {
      const element = { name: start, attributes: readAttributes(attributes), children: [], text: "" };
      current.children.push(element);
      if (empty === "") open.push(element);
    }
    if (end !== undefined && open.pop()?.name !== end) throw new Error(`</${end}> ends what did not begin.`);
  }
  if (position !== svg.length) throw new Error(`This is not XML: ${svg.slice(position, position + 80)}`);
  const [only] = root.children;
  if (open.length !== 1 || only === undefined || root.children.length !== 1)
    throw new Error("There is no single root.");
  return only;
}

/** An element and everything in it. */
export function descendants(element: SvgElement): SvgElement[] {
  return [element, ...element.children.flatMap(descendants)];
}

function readAttributes(text: string): Record<string, string> {
  const pairs = [...text.matchAll(/([a-zA-Z-]+)="([^"]*)"/g)];
  const names = pairs.map(([, name]) => name);
  if (new Set(names).size !== names.length) throw new Error(`An attribute is there twice: ${text}`);
  return Object.fromEntries(pairs.map(([, name = "", value = ""]) => [name, unescape(value)]));
}

function unescape(text: string): string {
  const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"' };
  return text.replace(/&([^;]*);?/g, (whole, name: string) => {
    const character = entities[name];
    if (character === undefined || !whole.endsWith(";")) throw new Error(`"${whole}" is not escaped.`);
    return character;
  });
}
