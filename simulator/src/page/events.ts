import type { ServerResponse } from "node:http";

/** The pages never hear more often than this. */
const pause = 100;

/** Tells open pages what there is, whenever it changes: https://html.spec.whatwg.org/multipage/server-sent-events.html */
export class Events {
  readonly #describe: () => unknown;
  readonly #pages = new Set<ServerResponse>();
  #timer: NodeJS.Timeout | undefined;
  #lastSent = 0;
  #lastText = "";

  constructor(describe: () => unknown) {
    this.#describe = describe;
  }

  /** Keeps a page up to date until it goes away. */
  join(page: ServerResponse): void {
    page.writeHead(200, { ...page.getHeaders(), "content-type": "text/event-stream", "cache-control": "no-store" });
    page.on("close", () => this.#pages.delete(page));
    this.#pages.add(page);
    page.write(eventOf(JSON.stringify(this.#describe())));
  }

  /** Something has changed. */
  touch(): void {
    if (this.#pages.size === 0 || this.#timer !== undefined) return;
    const wait = Math.max(0, this.#lastSent + pause - Date.now());
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#send();
    }, wait).unref();
  }

  /** Ends all connections. */
  close(): void {
    clearTimeout(this.#timer);
    for (const page of this.#pages) page.destroy();
  }

  #send(): void {
    this.#lastSent = Date.now();
    const text = eventOf(JSON.stringify(this.#describe()));
    if (text === this.#lastText) return;
    this.#lastText = text;
    for (const page of this.#pages) {
      // A page that does not read comes back by itself, and gets the newest then.
      if (page.writableNeedDrain) page.destroy();
      else page.write(text);
    }
  }
}

function eventOf(text: string): string {
  return `data: ${text}\n\n`;
}
