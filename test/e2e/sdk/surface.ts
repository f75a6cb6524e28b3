/** Every place of a package that a program can name, and what is there: `storage/nfs:Nfs inputs.nodes` → `optional string[]`. */
export type Surface = ReadonlyMap<string, string>;

/** What a value looks like; `fields` are those of the object in it, found below `suffix` (`[]` for a list of objects). */
export interface Shape {
  readonly text: string;
  readonly suffix: string;
  readonly fields: () => readonly Field[];
}

/** One named value of an object. */
export interface Field {
  readonly name: string;
  readonly required: boolean;
  readonly secret: boolean;
  readonly shape: Shape;
}

/** A shape without anything inside it. */
export function plain(text: string): Shape {
  return { text, suffix: "", fields: () => [] };
}

/** An object with these fields, looked up late so that types may be declared in any order. */
export function objectOf(fields: () => readonly Field[]): Shape {
  return { text: "object", suffix: "", fields };
}

/** A list of this shape. */
export function listOf(item: Shape): Shape {
  return { ...item, text: `${item.text}[]`, suffix: `[]${item.suffix}` };
}

/** A map from any name to this shape. */
export function mapOf(item: Shape): Shape {
  return { ...item, text: `{${item.text}}`, suffix: `{}${item.suffix}` };
}

/** Either of these shapes, whatever their order. */
export function unionOf(members: readonly Shape[]): Shape {
  const [only, ...others] = members;
  if (only !== undefined && others.length === 0) return only;
  const object = members.find((member) => member.fields().length > 0) ?? plain("");
  return { ...object, text: [...new Set(members.map((member) => member.text))].sort().join(" | ") };
}

/** Adds every field below a place to a surface, and the fields within them. */
export function addFields(surface: Map<string, string>, place: string, fields: readonly Field[]): void {
  for (const { name, required, secret, shape } of fields) {
    const at = `${place}.${name}`;
    surface.set(at, [required ? "required" : "optional", ...(secret ? ["secret"] : []), shape.text].join(" "));
    addFields(surface, at + shape.suffix, shape.fields());
  }
}
