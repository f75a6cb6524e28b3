import { createHash } from "node:crypto";
import { CommandError, PlainError, type Program } from "../shell/machine.ts";

const database = "/var/lib/grafana/grafana.db";

/** `grafana-cli admin reset-admin-password --password-from-stdin`: the database keeps a hash of the password. */
export const grafanaCli: Program = async ({ args, input, machine: { files }, out }) => {
  const [group, command, ...rest] = args;
  if (group !== "admin" || command !== "reset-admin-password")
    throw new CommandError(`the simulator does not know 'grafana-cli ${args.join(" ")}'`, 127);
  const fromInput = rest.includes("--password-from-stdin");
  const line = fromInput ? await input.readLine() : rest.find((word) => !word.startsWith("-"));
  const password = (line ?? "").replace(/\r?\n$/, "");
  if (password.length < 4) throw new PlainError("Error: ✗ new password is too short", 1);
  if (!files.exists(database))
    throw new PlainError("Error: ✗ could not read user (id: 1) from database. Error: user not found", 1);
  files.write(database, `admin ${createHash("sha256").update(password).digest("hex")}\n`, 0o640);
  out("Admin password changed successfully ✔\n");
  return 0;
};
