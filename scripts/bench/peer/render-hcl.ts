/** The value of an attribute: text, number, switch, list of texts, or a reference to another resource. */
type Value = string | number | boolean | readonly string[] | Reference;

/** What is in a block of a configuration: attributes, and further blocks. */
export interface Body {
  readonly [name: string]: Value | Body | readonly Body[];
}

/** A reference to another resource: `proxmox_download_file.debian.id`. */
export class Reference {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }
}

/** Renders a block of a configuration of OpenTofu, with its labels: `resource "type" "name" { … }`. */
export function renderBlock(type: string, labels: readonly string[], body: Body): string {
  return `${renderLines([type, ...labels.map(renderText)].join(" "), body, "").join("\n")}\n`;
}

function renderLines(head: string, body: Body, indentation: string): string[] {
  const inner = `${indentation}  `;
  return [
    `${indentation}${head} {`,
    ...Object.entries(body).flatMap(([name, part]) =>
      isValue(part)
        ? [`${inner}${name} = ${renderValue(part)}`]
        : [part].flat().flatMap((block) => renderLines(name, block, inner)),
    ),
    `${indentation}}`,
  ];
}

function isValue(part: Value | Body | readonly Body[]): part is Value {
  if (part instanceof Reference || typeof part !== "object") return true;
  return Array.isArray(part) && part.every((item) => typeof item === "string");
}

function renderValue(value: Value): string {
  if (value instanceof Reference) return value.path;
  if (typeof value === "string") return renderText(value);
  return typeof value === "object" ? `[${value.map(renderText).join(", ")}]` : String(value);
}

/** As JSON has it, but for the two signs that begin a template. */
function renderText(text: string): string {
  return JSON.stringify(text).replaceAll(/[$%](?=\{)/g, "$&$&");
}
