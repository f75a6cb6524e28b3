import { createHash, timingSafeEqual } from "node:crypto";
import ssh2, { type AuthContext, type ParsedKey, type PublicKeyAuthContext } from "ssh2";
import type { FileSystem } from "../files/file-system.ts";
import type { World } from "../world.ts";
import { authorizedKeysFile } from "./keys.ts";

/** Lets root in, with a password or with a key. */
export function authenticate(context: AuthContext, world: World, files: FileSystem): void {
  const root = world.state.access.users["root@pam"];
  if (context.username !== "root") context.reject(["publickey", "password"]);
  else if (context.method === "publickey" && isKnown(context, linesOf(files))) context.accept();
  else if (context.method === "password" && same(context.password, root?.password)) context.accept();
  else context.reject(["publickey", "password"]);
}

function isKnown(context: PublicKeyAuthContext, lines: readonly string[]): boolean {
  const key = lines.map(parse).find((candidate) => candidate?.getPublicSSH().equals(context.key.data));
  if (key === undefined) return false;
  const { blob, signature, hashAlgo } = context;
  // Without a signature a client only asks whether the key would do.
  return blob === undefined || signature === undefined || key.verify(blob, signature, hashAlgo);
}

/** A key of authorized_keys; its options don't matter here. */
function parse(line: string): ParsedKey | undefined {
  const [text] = /(?:ssh-|ecdsa-|sk-)[\w@.-]+ [\w+/=]+/.exec(line) ?? [];
  if (text === undefined) return undefined;
  const key = ssh2.utils.parseKey(text);
  return key instanceof Error ? undefined : key;
}

function linesOf(files: FileSystem): string[] {
  if (!files.exists(authorizedKeysFile)) return [];
  return files
    .read(authorizedKeysFile)
    .toString("utf8")
    .split("\n")
    .filter((line) => !line.startsWith("#"));
}

function same(given: string, expected: string | undefined): boolean {
  if (expected === undefined) return false;
  const [left = Buffer.alloc(0), right = Buffer.alloc(1)] = [given, expected].map((text) =>
    createHash("sha256").update(text).digest(),
  );
  return timingSafeEqual(left, right);
}
