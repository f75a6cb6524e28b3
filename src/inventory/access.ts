import { z } from "zod";
import { Key } from "./scalars.ts";

/** access.yaml: who may log in to guests. */
export const Access = z.strictObject({
  sshKeys: z
    .record(
      Key,
      z
        .string()
        .regex(
          /^(?:ssh-ed25519|ecdsa-sha2-nistp(?:256|384|521)|sk-ssh-ed25519@openssh\.com) [A-Za-z0-9+/]+=*(?: [A-Za-z0-9_.@:+/=-]+)?$/,
          {
            error: "This is not a public key that OpenSSH still likes. | Copy the line of ~/.ssh/id_ed25519.pub.",
          },
        ),
    )
    .refine((keys) => Object.keys(keys).length > 0, {
      error: "Nobody could log in. | Give at least one public key.",
    }),
});
