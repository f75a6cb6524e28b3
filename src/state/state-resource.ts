/** A resource of a state: its URN and what the provider said of it last. */
export interface StateResource {
  readonly urn: string;
  readonly outputs: Readonly<Record<string, unknown>>;
}
