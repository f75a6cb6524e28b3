import { z } from "zod";
import { Key } from "./scalars.ts";

const PublicKey = z
  .string()
  .regex(
    /^(?:ssh-ed25519|ecdsa-sha2-nistp(?:256|384|521)|sk-ssh-ed25519@openssh\.com) [A-Za-z0-9+/]+=*(?: [A-Za-z0-9_.@:+/=-]+)?$/,
    {
      error: "This is not a public key that OpenSSH still likes. | Copy the line of ~/.ssh/id_ed25519.pub.",
      abort: true,
    },
  )
  .refine(isComplete, {
    error:
      "A part of this public key is missing, so that it would open nothing. | Copy the whole line of the .pub file.",
  });

/** access.yaml: who may log in to guests. */
export const Access = z.strictObject({
  sshKeys: z.record(Key, PublicKey).refine((keys) => Object.keys(keys).length > 0, {
    error: "Nobody could log in. | Give at least one public key.",
  }),
});

/** How many fields follow the type within a key. */
const fields: Readonly<Record<string, number>> = { "ssh-ed25519": 1, "sk-ssh-ed25519@openssh.com": 2 };

/** Whether a key has all of its fields, each with the length that it says (RFC 4253, section 6.6), and the type before it. */
function isComplete(text: string): boolean {
  const [type = "", encoded = ""] = text.split(" ");
  let rest = Buffer.from(encoded, "base64");
  const found: string[] = [];
  while (rest.length >= 4 && rest.length >= 4 + rest.readUInt32BE(0)) {
    const end = 4 + rest.readUInt32BE(0);
    found.push(rest.toString("latin1", 4, end));
    rest = rest.subarray(end);
  }
  return rest.length === 0 && found[0] === type && found.length === 1 + (fields[type] ?? 2);
}
