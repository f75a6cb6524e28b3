import { posix } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { extract, pack, type Header } from "tar-stream";
import { PlainError, type Call } from "../machine.ts";
import { readOptions } from "../options.ts";
import { patternSource } from "../pattern.ts";
import { groupName, userName } from "./accounts.ts";
import { makeFolders } from "./make-folders.ts";
import { absolute } from "./paths.ts";

interface Member {
  readonly header: Header;
  readonly data: Buffer;
}

/** `tar` that creates, lists and extracts archives, with gzip or without. */
export async function tar(call: Call): Promise<number> {
  const { files } = call.machine;
  // The first word may leave out its dash.
  const args = call.args.map((arg, index) => (index === 0 && /^[a-zA-Z]+$/.test(arg) ? `-${arg}` : arg));
  const { given, operands } = readOptions(args, "cxtzvf:C:OpPkm", [
    ...["create|c", "extract|x", "get|x", "list|t", "gzip|z", "file=|f", "directory=|C", "to-stdout|O", "verbose|v"],
    ...["strip-components=", "no-same-owner", "same-owner", "wildcards", "preserve-permissions|p", "owner=", "group="],
  ]);
  const folder = posix.resolve(call.folder, given.get("C") ?? ".");
  if (!files.exists(folder))
    throw new PlainError(
      `tar: ${given.get("C") ?? ""}: Cannot open: No such file or directory\ntar: Error is not recoverable: exiting now`,
      2,
    );
  const archive = given.get("f") ?? "-";
  if (given.has("c")) {
    const packed = await packFiles(call, folder, operands);
    const data = given.has("z") ? gzipSync(packed) : packed;
    if (archive === "-") call.out(data);
    else files.write(absolute(call, archive), data, 0o666 & ~call.umask);
    return 0;
  }
  if (!given.has("x") && !given.has("t"))
    throw new PlainError("tar: You must specify one of the '-Acdtrux', '--delete' or '--test-label' options", 2);
  const members = choose(await unpack(call, archive), operands, given.has("wildcards"));
  for (const member of members) {
    if (given.has("t")) call.out(`${member.header.name}\n`);
    else extractMember(call, { folder, member, given });
  }
  const missing = operands.filter((operand) => choose(members, [operand], given.has("wildcards")).length === 0);
  for (const operand of missing) call.err(`tar: ${operand}: Not found in archive\n`);
  if (missing.length > 0) call.err("tar: Exiting with failure status due to previous errors\n");
  return missing.length > 0 ? 2 : 0;
}

async function unpack(call: Call, archive: string): Promise<Member[]> {
  const { files } = call.machine;
  if (archive !== "-" && !files.exists(absolute(call, archive)))
    throw new PlainError(
      `tar: ${archive}: Cannot open: No such file or directory\ntar: Error is not recoverable: exiting now`,
      2,
    );
  const data = archive === "-" ? await call.input.read() : files.read(absolute(call, archive));
  const members: Member[] = [];
  try {
    const plain = data[0] === 0x1f && data[1] === 0x8b ? gunzipSync(data) : data;
    const stream = extract();
    stream.end(plain);
    for await (const entry of stream) {
      const chunks: Buffer[] = [];
      for await (const chunk of entry) chunks.push(chunk as Buffer);
      members.push({ header: entry.header, data: Buffer.concat(chunks) });
    }
  } catch {
    throw new PlainError(
      "tar: This does not look like a tar archive\ntar: Exiting with failure status due to previous errors",
      2,
    );
  }
  return members;
}

function choose(members: readonly Member[], operands: readonly string[], wildcards: boolean): readonly Member[] {
  if (operands.length === 0) return members;
  const patterns = operands.map((operand) => {
    const text = operand.replace(/\/+$/, "");
    return new RegExp(`^${patternSource([{ text, quoted: !wildcards }])}(?:/|$)`);
  });
  return members.filter(({ header }) => patterns.some((pattern) => pattern.test(header.name)));
}

interface Extraction {
  readonly folder: string;
  readonly member: Member;
  readonly given: ReadonlyMap<string, string>;
}

function extractMember(call: Call, { folder, member: { header, data }, given }: Extraction): void {
  const { files } = call.machine;
  const parts = header.name.split("/").filter((part) => part !== "" && part !== ".");
  const name = parts.slice(Number(given.get("strip-components") ?? 0)).join("/");
  if (given.has("O")) {
    call.out(data);
    return;
  }
  if (name === "" || parts.includes("..")) return;
  const path = posix.join(folder, name);
  makeFolders(files, header.type === "directory" ? path : posix.dirname(path));
  if (header.type === "symlink") {
    files.symlink(header.linkname, path);
    return;
  }
  if (header.type === "file") files.write(path, data);
  const owner = given.has("no-same-owner") ? {} : { uid: header.uid, gid: header.gid };
  const mtime = Math.floor(header.mtime.getTime() / 1000);
  files.change(path, { mode: header.mode & 0o7777, mtime, ...owner });
}

/** All that is below the operands, as one archive. */
async function packFiles(call: Call, folder: string, operands: readonly string[]): Promise<Buffer> {
  const { files } = call.machine;
  const archive = pack();
  const add = (name: string): void => {
    const path = posix.resolve(folder, name);
    const { kind, mode, uid, gid, mtime } = files.lstat(path);
    const owner = { uid, gid, uname: userName(files, uid), gname: groupName(files, gid) };
    const common = { mode, ...owner, mtime: new Date(mtime * 1000) };
    if (kind === "link") archive.entry({ ...common, name, type: "symlink", linkname: files.readlink(path) });
    else if (kind === "file") archive.entry({ ...common, name, type: "file" }, files.read(path));
    else {
      archive.entry({ ...common, name: `${name}/`, type: "directory" });
      for (const child of files.list(path)) add(`${name}/${child}`);
    }
  };
  for (const operand of operands) add(operand.replace(/^\/+/, "").replace(/\/+$/, "") || ".");
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
