import { createHash } from "node:crypto";
import { CommandError, type Call, type Program } from "../machine.ts";
import { readOptions } from "../options.ts";
import { BufferInput } from "../streams.ts";
import { absolute, forEach, linesOf, orInput, readData } from "./paths.ts";
import { grep } from "./grep.ts";
import { linePrograms } from "./line-programs.ts";
import { printf } from "./printf.ts";
import { publishedSha256 } from "./published-checksum.ts";
import { sed } from "./sed.ts";
import { unescape } from "./unescape.ts";

/** Programs that read and write text. */
export const textPrograms: Readonly<Record<string, Program>> = {
  ...linePrograms,
  base64,
  cat: (call) => {
    const { operands } = readOptions(call.args, "");
    return forEach(call, orInput(operands), async (path) => {
      call.out(await readData(call, path));
    });
  },
  echo: ({ args, out }) => echo(args, out),
  egrep: (call) => grep({ ...call, args: ["-E", ...call.args] }),
  grep,
  head: (call) => takeLines(call, (lines, count) => (count < 0 ? lines.slice(0, count) : lines.slice(0, count))),
  md5sum: (call) => checksum(call, "md5"),
  printf,
  sed,
  sha1sum: (call) => checksum(call, "sha1"),
  sha256sum: (call) => checksum(call, "sha256"),
  sha512sum: (call) => checksum(call, "sha512"),
  tail: (call) => takeLines(call, (lines, count, from) => (from ? lines.slice(count - 1) : lines.slice(-count))),
  tee: async (call) => {
    const { given, operands } = readOptions(call.args, "ai", ["append|a"]);
    const data = await call.input.read();
    call.out(data);
    const { files } = call.machine;
    return forEach(call, operands, (operand) => {
      const path = absolute(call, operand);
      const before = given.has("a") && files.exists(path) ? files.read(path) : Buffer.alloc(0);
      files.write(path, Buffer.concat([before, data]));
    });
  },
  xargs,
};

/** `echo` of bash and coreutils, that only with -e looks at escapes. */
export function echo(args: readonly string[], out: Call["out"]): number {
  const flags = args.findIndex((arg) => !/^-[neE]+$/.test(arg));
  const [letters, words] = flags < 0 ? [args, []] : [args.slice(0, flags), args.slice(flags)];
  const text = words.join(" ");
  const escaped = letters.some((arg) => arg.includes("e"));
  out(`${escaped ? unescape(text) : text}${letters.some((arg) => arg.includes("n")) ? "" : "\n"}`);
  return 0;
}

async function xargs({ args, input, run }: Call): Promise<number> {
  const words = [...args];
  const options: Record<string, string> = {};
  while (words[0]?.startsWith("-")) {
    const [, letter = "", value = ""] = /^-([rInL0])(.*)$/.exec(words.shift() ?? "") ?? [];
    if (letter === "") throw new CommandError("the simulator does not know this option", 2);
    options[letter] = letter === "r" || letter === "0" ? "" : value || (words.shift() ?? "");
  }
  if (words.length === 0) words.push("echo");
  const text = (await input.read()).toString("utf8");
  const separator = options["0"] !== undefined ? "\0" : options["I"] !== undefined ? "\n" : /\s+/;
  const items = text.split(separator).filter((item) => item !== "");
  const size = options["I"] === undefined ? Number(options["n"] ?? options["L"] ?? Math.max(items.length, 1)) : 1;
  if (items.length === 0) return options["r"] === undefined ? run(words, { input: new BufferInput() }) : 0;
  let status = 0;
  for (let start = 0; start < items.length; start += size) {
    const group = items.slice(start, start + size);
    const template = options["I"];
    const command =
      template === undefined ? [...words, ...group] : words.map((word) => word.replaceAll(template, group[0] ?? ""));
    if ((await run(command, { input: new BufferInput() })) !== 0) status = 123;
  }
  return status;
}

async function base64(call: Call): Promise<number> {
  const { given, operands } = readOptions(call.args, "dw:", ["decode|d", "wrap=|w"]);
  const data = await readData(call, operands[0] ?? "-");
  if (given.has("d")) call.out(Buffer.from(data.toString("utf8"), "base64"));
  else {
    const width = Number(given.get("w") ?? 76);
    const text = data.toString("base64");
    call.out(width === 0 ? text : text.replaceAll(new RegExp(`.{1,${width}}`, "g"), "$&\n"));
  }
  return 0;
}

async function takeLines(
  call: Call,
  take: (lines: string[], count: number, from: boolean) => string[],
): Promise<number> {
  const args = call.args.map((arg, index) => (index === 0 ? arg.replace(/^-(\d+)$/, "-n$1") : arg));
  const { given, operands } = readOptions(args, "n:c:q", ["lines=|n", "bytes=|c"]);
  const count = given.get("n") ?? "10";
  return forEach(call, orInput(operands), async (path) => {
    const data = await readData(call, path);
    const bytes = given.get("c");
    if (bytes !== undefined) {
      call.out(call.name === "head" ? data.subarray(0, Number(bytes)) : data.subarray(-Number(bytes)));
      return;
    }
    const lines = take(data.toString("utf8").match(/[^\n]*\n|[^\n]+$/g) ?? [], Number(count), count.startsWith("+"));
    call.out(count === "0" ? "" : lines.join(""));
  });
}

async function checksum(call: Call, algorithm: string): Promise<number> {
  const { given, operands } = readOptions(call.args, "cb", ["check|c", "status", "quiet", "binary|b"]);
  const digest = async (path: string) => {
    const data = await readData(call, path);
    const published = algorithm === "sha256" ? publishedSha256(data) : undefined;
    return published ?? createHash(algorithm).update(data).digest("hex");
  };
  if (!given.has("c")) {
    return forEach(call, orInput(operands), async (path) => {
      call.out(`${await digest(path)}  ${path}\n`);
    });
  }
  let failed = 0;
  for (const line of linesOf(await readData(call, operands[0] ?? "-"))) {
    const [, expected = "", path = ""] = /^([0-9a-f]+) [ *](.*)$/i.exec(line) ?? [];
    const good = call.machine.files.exists(absolute(call, path)) && (await digest(path)) === expected.toLowerCase();
    if (!good) failed++;
    if (!given.has("status") && !(good && given.has("quiet"))) call.out(`${path}: ${good ? "OK" : "FAILED"}\n`);
  }
  if (failed > 0 && !given.has("status"))
    call.err(`${call.name}: WARNING: ${failed} computed checksum did NOT match\n`);
  return failed > 0 ? 1 : 0;
}
