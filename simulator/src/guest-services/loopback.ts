/** A request to a service inside a guest, from inside. */
export interface LoopbackRequest {
  readonly method: string;
  readonly url: URL;
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a service inside a guest answers. */
export interface LoopbackAnswer {
  readonly status: number;
  readonly body: string;
}

/** What a service keeps between requests, as text. */
export interface Keeper {
  readonly read: () => string | undefined;
  readonly write: (text: string) => void;
}
