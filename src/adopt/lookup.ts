/** The inputs of a resource as the program gives them; what is secret is not among them. */
export type Inputs = Readonly<Record<string, unknown>>;

/** By what a resource is found on a cluster. */
export type Lookup =
  | { readonly kind: "guest"; readonly node: string; readonly vmid: number; readonly type: "lxc" | "qemu" }
  | { readonly kind: "pool"; readonly node: string; readonly name: string }
  | { readonly kind: "bridge"; readonly node: string; readonly name: string }
  | { readonly kind: "storage"; readonly id: string; readonly type: string }
  | {
      readonly kind: "job";
      readonly id: string;
      /** By these one that was made by hand is known: it has an ID that nobody chose. */
      readonly node: string;
      readonly storage: string;
      readonly schedule: string;
    }
  | {
      readonly kind: "volume";
      readonly node: string;
      readonly storage: string;
      readonly volumeId: string;
      readonly content: string;
      /** Its size, where it is known what has to be in it. */
      readonly bytes?: number;
    }
  | { readonly kind: "metric server"; readonly id: string; readonly type: string }
  | { readonly kind: "rules"; readonly node: string; readonly vmid: number; readonly type: "lxc" | "qemu" }
  /** The firewall of the datacenter or of a node is always there, switched on or not. */
  | { readonly kind: "always" };

/** One input that has to be a text or a number. */
export function textOf(inputs: Inputs, name: string): string {
  const value = inputs[name];
  if (typeof value === "string" || typeof value === "number") return String(value);
  throw new Error(`The input ${name} is neither text nor a number: ${JSON.stringify(value)}.`);
}
