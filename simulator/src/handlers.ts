import type { Wire } from "./api/wire.ts";
import type { Session } from "./state/access.ts";
import type { Upload } from "./upload.ts";
import type { World } from "./world.ts";

/** What a handler works on, besides its parameters. */
export interface Context {
  readonly world: World;
  readonly session: Session;
  /** The file that came with the request. */
  readonly upload?: Upload | undefined;
  /** What the answer says beside its data: `total`, `changes` … */
  readonly attributes: Record<string, unknown>;
}

/** What an endpoint takes, checked and converted. */
export type Parameters<Key extends keyof Wire> = Wire[Key]["parameters"];

/** What an endpoint returns. */
export type Returns<Key extends keyof Wire> = Wire[Key]["returns"];

/**
 * What endpoints do, by method and path, typed by the API schema. A handler is synchronous: one request is one
 * transaction, and where it throws nothing has changed. What takes time is a task that it starts.
 */
export type Handlers = {
  readonly [Key in keyof Wire]?: (parameters: Parameters<Key>, context: Context) => Returns<Key>;
};
