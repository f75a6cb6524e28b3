import { X509Certificate } from "node:crypto";
import { createSelfSigned } from "../certificates.ts";
import { CommandError, PlainError, type Call, type Program } from "../shell/machine.ts";
import { absolute } from "../shell/programs/paths.ts";

/** `openssl` that makes certificates which sign themselves, and looks at certificates. */
export const openssl: Program = (call) => {
  const [command = "", ...args] = call.args;
  if (command === "req") return request(call, args);
  if (command === "x509") return show(call, args);
  if (command === "version") {
    call.out("OpenSSL 3.5.1 1 Jul 2025 (Library: OpenSSL 3.5.1 1 Jul 2025)\n");
    return 0;
  }
  throw new CommandError(`the simulator does not know 'openssl ${command}'`, 127);
};

/** Reads options of one dash, whose values are words of their own. */
function readOptions(
  args: readonly string[],
  flags: readonly string[],
  values: readonly string[],
): Map<string, string[]> {
  const given = new Map<string, string[]>();
  for (let index = 0; index < args.length; index++) {
    const name = (args[index] ?? "").replace(/^--?/, "");
    if (flags.includes(name)) given.set(name, []);
    else if (values.includes(name)) given.set(name, [...(given.get(name) ?? []), args[++index] ?? ""]);
    else throw new CommandError(`the simulator does not know the option '${args[index] ?? ""}' of this command`, 127);
  }
  return given;
}

/** `openssl req -x509 -newkey rsa:3072 -nodes -subj /CN=… -addext subjectAltName=DNS:… -keyout FILE -out FILE` */
async function request(call: Call, args: readonly string[]): Promise<number> {
  const given = readOptions(
    args,
    ["x509", "sha256", "nodes", "noenc", "batch"],
    ["newkey", "days", "subj", "addext", "keyout", "out"],
  );
  const value = (name: string) => given.get(name)?.at(-1);
  const [, bits] = /^rsa:(\d+)$/.exec(value("newkey") ?? "") ?? [];
  const [, commonName] = /^\/CN=([^/]+)$/.exec(value("subj") ?? "") ?? [];
  if (
    !given.has("x509") ||
    bits === undefined ||
    commonName === undefined ||
    !(given.has("nodes") || given.has("noenc"))
  )
    throw new CommandError(
      "the simulator makes certificates with -x509 -nodes -newkey rsa:BITS -subj /CN=NAME only",
      127,
    );
  const extensions = given.get("addext") ?? [];
  const names = extensions.flatMap((text) => {
    const [, list] = /^subjectAltName\s*=\s*(.*)$/.exec(text) ?? [];
    if (list === undefined) throw new CommandError(`the simulator does not know the extension '${text}'`, 127);
    return list.split(",").map((entry) => readName(entry.trim()));
  });
  const days = Number(value("days") ?? 30);
  const made = await createSelfSigned({ commonName, names, days, bits: Number(bits), now: call.machine.now() });
  const { files } = call.machine;
  files.write(absolute(call, value("keyout") ?? "privkey.pem"), `${made.key.trimEnd()}\n`, 0o600);
  write(call, value("out"), made.cert);
  return 0;
}

function readName(entry: string): string {
  const [, name] = /^DNS:(\S+)$/.exec(entry) ?? [];
  if (name === undefined) throw new CommandError(`the simulator does not know the name '${entry}'`, 127);
  return name;
}

/** `openssl x509 -in FILE -noout` with `-checkend`, `-ext subjectAltName`, `-subject`, `-enddate`. */
async function show(call: Call, args: readonly string[]): Promise<number> {
  const given = readOptions(args, ["noout", "subject", "enddate"], ["in", "out", "ext", "checkend"]);
  const certificate = await readCertificate(call, given.get("in")?.at(-1));
  const { machine, out } = call;
  if (given.has("subject")) out(`subject=${certificate.subject.replaceAll("\n", ", ")}\n`);
  if (given.has("enddate")) out(`notAfter=${certificate.validTo}\n`);
  if (given.has("ext")) {
    if (given.get("ext")?.at(-1) !== "subjectAltName")
      throw new CommandError("the simulator knows -ext subjectAltName", 127);
    if (certificate.subjectAltName === undefined) out("No extensions matched\n");
    else out(`X509v3 Subject Alternative Name: \n    ${certificate.subjectAltName}\n`);
  }
  if (!given.has("noout")) write(call, given.get("out")?.at(-1), certificate.toString());
  const seconds = given.get("checkend")?.at(-1);
  if (seconds === undefined) return 0;
  const expires = new Date(certificate.validTo).getTime() < machine.now().getTime() + Number(seconds) * 1000;
  out(`Certificate will ${expires ? "" : "not "}expire\n`);
  return expires ? 1 : 0;
}

async function readCertificate(call: Call, path: string | undefined): Promise<X509Certificate> {
  const { files } = call.machine;
  const fail = (what: string) => new PlainError(`Could not ${what} certificate from ${path ?? "<stdin>"}`, 1);
  if (path !== undefined && !files.exists(absolute(call, path))) throw fail("open file or uri for loading");
  const data = path === undefined ? await call.input.read() : files.read(absolute(call, path));
  try {
    return new X509Certificate(data);
  } catch {
    throw fail("find");
  }
}

function write(call: Call, path: string | undefined, pem: string): void {
  const text = `${pem.trimEnd()}\n`;
  if (path === undefined) call.out(text);
  else call.machine.files.write(absolute(call, path), text, 0o666 & ~call.umask);
}
