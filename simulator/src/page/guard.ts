import type { IncomingHttpHeaders } from "node:http";

const loopback = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/;

/** Whether a request is for the page, and not for the API. */
export function isForPage(url: string): boolean {
  return /^\/(?:\?|$|simulator\/)/.test(url);
}

/**
 * Why a request for the page is refused; undefined where it may pass.
 *
 * The page needs no login and can break things: other sites that a browser shows must not reach it, neither by their own
 * requests nor under a name that they let point to this machine.
 */
export function refusalOf(headers: IncomingHttpHeaders): string | undefined {
  const { host = "", origin, "sec-fetch-site": site, "sec-fetch-mode": mode } = headers;
  if (!loopback.test(host)) return `The page is for this machine only: open it as localhost, not as "${host}".`;
  if (origin !== undefined && origin !== `https://${host}`) return "The page does not answer other sites.";
  // To follow a link is harmless; to fetch, embed or send something is not.
  const isLink = mode === "navigate" && headers["sec-fetch-dest"] === "document";
  if (site === undefined || site === "same-origin" || site === "none" || isLink) return undefined;
  return "The page does not answer other sites.";
}
