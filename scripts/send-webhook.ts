import { driftsOf, exitCodeOf, type Look } from "../src/drift/drift.ts";
import { describeForPrograms } from "../src/drift/describe-for-programs.ts";
import { renderMessage } from "../src/drift/render-message.ts";
import { runUrl } from "../src/report/run-url.ts";

/**
 * Sends drift, or that nobody could look, to an address that somebody has chosen, and says what came of it; nothing where
 * all is well. That it could not be sent is said, too, and hides no drift. Addresses of chats are secrets: of one only the
 * server is told.
 */
export async function sendWebhook(
  address: string,
  stack: string,
  looks: readonly Look[],
  environment: NodeJS.ProcessEnv,
): Promise<string> {
  if (exitCodeOf(looks) === 0) return "";
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    return unsent("the address is no URL of https or http", "Put one into DRIFT_WEBHOOK, or behind --webhook.");
  const run = runUrl(environment);
  const text = renderMessage(stack, looks, run);
  const { accepted: _, ...described } = describeForPrograms(stack, looks);
  // Discord calls the text so; Slack and Mattermost read the other.
  const message = { text, content: text, ...described, ...(run === undefined ? {} : { run }) };
  try {
    const { ok, status } = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(message),
      redirect: "error",
      signal: AbortSignal.timeout(30_000),
    });
    if (ok) return `${count(driftsOf(looks).length)} told to ${url.origin}.`;
    return unsent(`${url.origin} answers ${status}`, "See that the address is right and still in use.");
  } catch (error) {
    const { message: said, cause } = error as Error;
    const reason = cause instanceof Error ? cause.message : said;
    return unsent(`${url.origin} does not answer (${reason})`, "See that this machine reaches it.");
  }
}

function unsent(reason: string, remedy: string): string {
  return `The webhook is not told: ${reason}. ${remedy}`;
}

function count(drifts: number): string {
  if (drifts === 0) return "That nobody could look was";
  return drifts === 1 ? "One thing that has drifted was" : `${drifts} things that have drifted were`;
}
