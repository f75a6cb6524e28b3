import { PlainError, type Call, type Program } from "../shell/machine.ts";
import { readOptions } from "../shell/options.ts";
import { absolute, readData } from "../shell/programs/paths.ts";
import { fingerprintsIn } from "./openpgp-key.ts";

/** `gpg --show-keys` and `gpg --dearmor`: enough to compare a key with what one expects. */
export const gpg: Program = async (call) => {
  const { given, operands } = readOptions(call.args, "o:qa", [
    ...["show-keys", "dearmor", "with-colons", "with-fingerprint", "import-options=", "dry-run", "import"],
    ...["batch", "yes", "quiet|q", "no-tty", "no-default-keyring", "output=|o", "armor|a", "no-options", "homedir="],
  ]);
  const [path = "-"] = operands;
  if (path !== "-" && !call.machine.files.exists(absolute(call, path)))
    throw new PlainError(`gpg: can't open '${path}': No such file or directory\ngpg: no valid OpenPGP data found.`, 2);
  const data = await readData(call, path);
  const fingerprints = fingerprintsIn(data);
  if (fingerprints.length === 0) throw new PlainError("gpg: no valid OpenPGP data found.", 2);
  if (given.has("dearmor")) return dearmor(call, data, given);
  if (!given.has("show-keys")) throw new PlainError(`the simulator does not know 'gpg ${call.args.join(" ")}'`, 2);
  for (const fingerprint of fingerprints) {
    const id = fingerprint.slice(-16);
    call.out(
      given.has("with-colons")
        ? `pub:-:4096:1:${id}:0:::-:::scSC::::::23::0:\nfpr:::::::::${fingerprint}:\n`
        : `pub   rsa4096\n      ${fingerprint}\n\n`,
    );
  }
  return 0;
};

/** Nothing tells a simulated key's two forms apart, so that its text stays as it is. */
function dearmor(call: Call, data: Buffer, given: ReadonlyMap<string, string>): number {
  const [, body] =
    /-----BEGIN [^\n]+-----\n(?:[^\n]+\n)*?\n([\w+/=\n]*?)\n(?:=[\w+/]{4}\n)?-----END/.exec(data.toString("latin1")) ??
    [];
  const bytes = body === undefined || body.trim() === "" ? data : Buffer.from(body, "base64");
  const output = given.get("o");
  if (output === undefined) call.out(bytes);
  else {
    const path = absolute(call, output);
    if (call.machine.files.exists(path) && !given.has("yes"))
      throw new PlainError(`gpg: dearmoring failed: File exists`, 2);
    call.machine.files.write(path, bytes);
  }
  return 0;
}
