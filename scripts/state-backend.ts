import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";

/**
 * Finds where the engine keeps its state, by the same order as the engine itself: the variable, Pulumi.yaml, the login.
 * @param credentials the folder of Pulumi's credentials
 */
export function findBackend(
  project: string,
  environment: NodeJS.ProcessEnv,
  credentials = environment["PULUMI_CREDENTIALS_PATH"] ?? "",
): string | undefined {
  const { PULUMI_BACKEND_URL: variable } = environment;
  if (variable !== undefined && variable !== "") return variable;
  const settings = parse(readFileSync(join(project, "Pulumi.yaml"), "utf8")) as { backend?: { url?: string } };
  if (settings.backend?.url !== undefined) return settings.backend.url;
  const file = join(credentials, "credentials.json");
  if (!existsSync(file)) return undefined;
  const { current } = JSON.parse(readFileSync(file, "utf8")) as { current?: string };
  return current === "" ? undefined : current;
}

/** Says what stands in the way of a backend before the engine is asked, and what to do; undefined where nothing does. */
export function refuseBackend(url: string | undefined, environment: NodeJS.ProcessEnv): string | undefined {
  if (url === undefined) return undefined;
  const shown = withoutPassword(url);
  if (url.startsWith("gitlab:") || /\/terraform\/state(?:\/|$)/.test(url)) {
    return (
      `The state cannot be kept at ${shown}: GitLab keeps states of Terraform only, by a protocol that Pulumi does not ` +
      "speak.\nKeep it in a bucket, s3://BUCKET?endpoint=…, which runners of GitLab reach as well; README.md says how."
    );
  }
  if (!/^(?:azblob|file|gs|https?|postgres|s3):\/\//.test(url)) {
    // The engine takes what it does not know for an address of Pulumi Cloud, and asks for a token.
    return (
      `The state cannot be kept at ${shown}: the engine knows file://, s3://, gs://, azblob://, postgres:// and ` +
      "https:// (Pulumi Cloud).\nSet PULUMI_BACKEND_URL, or backend.url in Pulumi.yaml, to one of these."
    );
  }
  if (url.startsWith("s3://") && !hasKeys(url, environment)) {
    return (
      `The state is in ${shown}, and there is nothing that opens it.\n` +
      "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to the keys of that bucket, or AWS_PROFILE to a profile that has them."
    );
  }
  return undefined;
}

/** Says what to do about a backend that the engine could not use; empty where its words are about something else. */
export function explainBackendFailure(url: string | undefined, messages: string): string {
  if (url === undefined || url.startsWith("file:")) return "";
  const remedy = remedies.find(({ words }) => words.test(messages))?.remedy;
  return remedy === undefined ? "" : `The state is in ${withoutPassword(url)}. ${remedy}\n`;
}

const remedies = [
  {
    words: /api error InvalidAccessKeyId/,
    remedy: "Its server does not know this AWS_ACCESS_KEY_ID: set it to a key of that server.",
  },
  {
    words: /api error SignatureDoesNotMatch/,
    remedy: "AWS_SECRET_ACCESS_KEY does not belong to AWS_ACCESS_KEY_ID: set both to the same pair.",
  },
  {
    words: /operation error S3: .*(?:AccessDenied|StatusCode: 403)/,
    remedy: "The key is known, but may not do this: it has to list, read, write and delete in that bucket.",
  },
  { words: /NoSuchBucket/, remedy: "There is no such bucket: create it, or correct the name." },
  {
    words: /operation error S3: .*(?:dial tcp|no such host|tls: |x509: |i\/o timeout)/,
    remedy: "Its server does not answer: see whether endpoint is right, and whether it can be reached from here.",
  },
  {
    words: /PULUMI_ACCESS_TOKEN must be set/,
    remedy: "Set PULUMI_ACCESS_TOKEN to a token of yours there, or log in: npm run pulumi -- login",
  },
] as const;

/** An instance of a cloud gets its keys from that cloud: no server of one's own is asked without any. */
function hasKeys(url: string, environment: NodeJS.ProcessEnv): boolean {
  const { searchParams } = new URL(url);
  if (!searchParams.has("endpoint") || searchParams.has("profile")) return true;
  const { HOME: home = homedir() } = environment;
  return (
    ["AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_SHARED_CREDENTIALS_FILE"].some(
      (name) => (environment[name] ?? "") !== "",
    ) || ["credentials", "config"].some((file) => existsSync(join(home, ".aws", file)))
  );
}

function withoutPassword(url: string): string {
  return url.replace(/^([a-z0-9]+:\/\/[^:/?#]+):[^@/]*@/, "$1:…@").replace(/\?.*$/s, "");
}
