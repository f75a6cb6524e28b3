import { estimateWidth } from "../../src/topology/wrap-text.ts";
import { descendants, type SvgElement } from "./read-svg.ts";

/** A rectangle of a picture; a line is one without width or height. */
export interface Area {
  readonly label: string;
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** A rectangle with its classes. */
export interface Rect extends Area {
  readonly classes: readonly string[];
}

// What is written is rounded to a tenth.
const tolerance = 0.3;

/** All rectangles but the ground. */
export function rectsOf(svg: SvgElement): Rect[] {
  return descendants(svg)
    .filter(({ name, attributes }) => name === "rect" && attributes["class"] !== "ground")
    .map(({ attributes }) => {
      const classes = (attributes["class"] ?? "").split(" ");
      return { ...areaOf(attributes), classes, label: JSON.stringify(attributes) };
    });
}

/** The rectangle that attributes describe. */
export function areaOf(attributes: Readonly<Record<string, string>>): Area {
  const [x, y, width, height] = ["x", "y", "width", "height"].map((name) => Number(attributes[name]));
  if (x === undefined || y === undefined || width === undefined || height === undefined) throw new Error("No area.");
  return { label: JSON.stringify(attributes), left: x, top: y, right: x + width, bottom: y + height };
}

/** Where each text is, as wide as it is estimated to be. */
export function textsOf(svg: SvgElement): Area[] {
  return descendants(svg)
    .filter(({ name }) => name === "text")
    .map(({ attributes, text }) => {
      const classes = (attributes["class"] ?? "").split(" ");
      const [x, y] = [Number(attributes["x"]), Number(attributes["y"])];
      const width = Number(attributes["textLength"] ?? estimateWidth(text, styleOf(classes)));
      const left = { start: x, middle: x - width / 2, end: x - width }[attributes["text-anchor"] ?? "start"] ?? x;
      return { label: text, left, right: left + width, top: y - 9, bottom: y };
    });
}

/** The straight pieces of the ways between guests. */
export function segmentsOf(svg: SvgElement): Area[] {
  return descendants(svg)
    .filter(({ attributes }) => /\b(?:published|inward)\b/.test(attributes["class"] ?? ""))
    .flatMap(({ attributes }) => piecesOf(attributes["d"] ?? ""));
}

/** Whether one rectangle reaches into another. */
export function overlap(one: Area, other: Area): boolean {
  return (
    one.left < other.right - tolerance &&
    other.left < one.right - tolerance &&
    one.top < other.bottom - tolerance &&
    other.top < one.bottom - tolerance
  );
}

/** Whether a rectangle is nowhere outside of another. */
export function inside(inner: Area, outer: Area): boolean {
  return (
    inner.left >= outer.left - tolerance &&
    inner.right <= outer.right + tolerance &&
    inner.top >= outer.top - tolerance &&
    inner.bottom <= outer.bottom + tolerance
  );
}

function styleOf(classes: readonly string[]) {
  const sizes = { heading: 26, name: 18, title: 15, address: 13.5, badge: 11 };
  const [, size = 13] = Object.entries(sizes).find(([name]) => classes.includes(name)) ?? [];
  const bold = ["heading", "name", "title", "strong", "badge"].some((name) => classes.includes(name));
  return { size, bold, mono: classes.includes("address") };
}

function piecesOf(d: string): Area[] {
  let [x, y] = [0, 0];
  return [...d.matchAll(/([A-Za-z])([^A-Za-z]*)/g)].flatMap(([, command = "", numbers = ""]) => {
    const values = numbers.trim().split(/\s+/).map(Number);
    const [from, last] = [{ x, y }, values.at(-1) ?? 0];
    if (command === "M") [x, y] = [values[0] ?? 0, last];
    else if (command === "H" || command === "h") x = command === "h" ? x + last : last;
    else if (command === "V") y = last;
    else throw new Error(`A way turns at no right angle: ${d}`);
    if (command === "M") return [];
    const [left, right] = [Math.min(from.x, x), Math.max(from.x, x)];
    const [top, bottom] = [Math.min(from.y, y), Math.max(from.y, y)];
    return [{ label: d, left: left - 0.5, right: right + 0.5, top: top - 0.5, bottom: bottom + 0.5 }];
  });
}
