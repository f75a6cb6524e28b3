import { createHash } from "node:crypto";
import { CommandError, type Call, type Program } from "../machine.ts";
import { readOptions } from "../options.ts";
import { BufferInput } from "../streams.ts";
import { absolute, forEach, linesOf, readData } from "./paths.ts";
import { grep } from "./grep.ts";
import { printf } from "./printf.ts";
import { sed } from "./sed.ts";

/** Programs that read and write text. */
export const textPrograms: Readonly<Record<string, Program>> = {
  base64,
  cat: (call) => {
    const { operands } = readOptions(call.args, "");
    return forEach(call, orInput(operands), async (path) => {
      call.out(await readData(call, path));
    });
  },
  cut,
  echo: ({ args, out }) => {
    const flags = args.findIndex((arg) => !/^-[neE]+$/.test(arg));
    const [letters, words] = flags < 0 ? [args, []] : [args.slice(0, flags), args.slice(flags)];
    const text = words.join(" ");
    const escaped = letters.some((arg) => arg.includes("e"));
    out(`${escaped ? unescape(text) : text}${letters.some((arg) => arg.includes("n")) ? "" : "\n"}`);
    return 0;
  },
  egrep: (call) => grep({ ...call, args: ["-E", ...call.args] }),
  grep,
  head: (call) => takeLines(call, (lines, count) => (count < 0 ? lines.slice(0, count) : lines.slice(0, count))),
  md5sum: (call) => checksum(call, "md5"),
  printf,
  sed,
  sha1sum: (call) => checksum(call, "sha1"),
  sha256sum: (call) => checksum(call, "sha256"),
  sha512sum: (call) => checksum(call, "sha512"),
  sort,
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
  tr,
  uniq: async (call) => {
    const { given, operands } = readOptions(call.args, "c");
    const lines = linesOf(await readData(call, operands[0] ?? "-"));
    const counts: [string, number][] = [];
    for (const line of lines) {
      const last = counts.at(-1);
      if (last?.[0] === line) last[1]++;
      else counts.push([line, 1]);
    }
    for (const [line, count] of counts)
      call.out(given.has("c") ? `${String(count).padStart(7)} ${line}\n` : `${line}\n`);
    return 0;
  },
  wc,
  xargs,
};

/** `\n` and its kin in a text. */
export function unescape(text: string): string {
  const plain: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", a: "\x07", e: "\x1b", "\\": "\\" };
  return text.replaceAll(
    /\\(?:0?([0-7]{1,3})|x([0-9a-f]{1,2})|(.))/gi,
    (all, octal: string, hex: string, letter: string) => {
      if (octal) return String.fromCharCode(parseInt(octal, 8));
      if (hex) return String.fromCharCode(parseInt(hex, 16));
      return plain[letter] ?? all;
    },
  );
}

function orInput(operands: readonly string[]): readonly string[] {
  return operands.length === 0 ? ["-"] : operands;
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

async function cut(call: Call): Promise<number> {
  const { given, operands } = readOptions(call.args, "d:f:c:s", ["delimiter=|d", "fields=|f", "only-delimited|s"]);
  const [delimiter, list] = [given.get("d") ?? "\t", given.get("f") ?? given.get("c") ?? ""];
  const ranges = list.split(",").map((range) => {
    const [first = "", last = first] = range.split("-");
    return [Number(first || 1), last === "" ? Infinity : Number(last)] as const;
  });
  for (const line of linesOf(await readData(call, operands[0] ?? "-"))) {
    const fields = given.has("c") ? Array.from(line) : line.split(delimiter);
    if (fields.length === 1 && !given.has("c")) {
      if (!given.has("s")) call.out(`${line}\n`);
      continue;
    }
    const kept = fields.filter((_, index) => ranges.some(([first, last]) => index + 1 >= first && index + 1 <= last));
    call.out(`${kept.join(given.has("c") ? "" : delimiter)}\n`);
  }
  return 0;
}

async function takeLines(
  call: Call,
  take: (lines: string[], count: number, from: boolean) => string[],
): Promise<number> {
  const args = call.args.map((arg) => arg.replace(/^-(\d+)$/, "-n$1"));
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
  const digest = async (path: string) =>
    createHash(algorithm)
      .update(await readData(call, path))
      .digest("hex");
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

async function sort(call: Call): Promise<number> {
  const { given, operands } = readOptions(call.args, "nruV", ["numeric-sort|n", "reverse|r", "unique|u"]);
  const lines: string[] = [];
  for (const path of orInput(operands)) lines.push(...linesOf(await readData(call, path)));
  const numeric = given.has("n") || given.has("V");
  lines.sort((a, b) => (numeric ? a.localeCompare(b, "en", { numeric }) : a < b ? -1 : a > b ? 1 : 0));
  if (given.has("r")) lines.reverse();
  for (const line of given.has("u") ? new Set(lines) : lines) call.out(`${line}\n`);
  return 0;
}

async function tr(call: Call): Promise<number> {
  const { given, operands } = readOptions(call.args, "ds");
  const [from = "", to = ""] = operands.map(expandSet);
  let text = (await call.input.read()).toString("utf8");
  if (given.has("d"))
    text = Array.from(text)
      .filter((character) => !from.includes(character))
      .join("");
  else if (to !== "") {
    text = Array.from(text)
      .map((character) => (from.includes(character) ? (to[from.indexOf(character)] ?? to.at(-1) ?? "") : character))
      .join("");
  }
  const squeezed = to === "" ? from : to;
  if (given.has("s"))
    text = text.replaceAll(/([^])\1+/g, (run, character: string) => (squeezed.includes(character) ? character : run));
  call.out(text);
  return 0;
}

function expandSet(set: string): string {
  const classes = unescape(set)
    .replaceAll("[:lower:]", "a-z")
    .replaceAll("[:upper:]", "A-Z")
    .replaceAll("[:digit:]", "0-9")
    .replaceAll("[:space:]", " \t\n\r");
  return classes.replaceAll(/([^])-([^])/g, (_, first: string, last: string) => {
    const start = first.charCodeAt(0);
    return Array.from({ length: last.charCodeAt(0) - start + 1 }, (_value, index) =>
      String.fromCharCode(start + index),
    ).join("");
  });
}

async function wc(call: Call): Promise<number> {
  const { given, operands } = readOptions(call.args, "lwc", ["lines|l", "words|w", "bytes|c"]);
  return forEach(call, orInput(operands), async (path) => {
    const data = await readData(call, path);
    const text = data.toString("utf8");
    const counts = {
      l: text.split("\n").length - 1,
      w: text.split(/\s+/).filter((word) => word !== "").length,
      c: data.length,
    };
    const chosen = Object.entries(counts).filter(([letter]) => given.size === 0 || given.has(letter));
    const numbers = chosen.map(([, count]) => String(count).padStart(given.size === 1 ? 0 : 7)).join(" ");
    call.out(`${numbers}${operands.length === 0 ? "" : ` ${path}`}\n`);
  });
}
