import { createHash } from "node:crypto";
import { ApiError } from "../api-error.ts";
import { availableOn } from "../storage/status.ts";
import type { Context, Handlers, Parameters } from "../handlers.ts";
import { checkFilename, formatOfFile, pathOf } from "../storage/content.ts";
import { remoteFile } from "../storage/remote-files.ts";
import { applianceTemplates } from "../storage/appliance-templates.ts";
import type { StorageState, Volume } from "../state/storage.ts";
import type { Upload } from "../upload.ts";
import type { World } from "../world.ts";
import { contentOf } from "./storage.ts";

type Transferred = "iso" | "vztmpl" | "import";

/** Files that come to a storage: uploaded, downloaded, or from Proxmox's list of container templates. */
export const storageTransferHandlers: Handlers = {
  "POST /nodes/{node}/storage/{storage}/upload": upload,
  "POST /nodes/{node}/storage/{storage}/download-url": download,
  "GET /nodes/{node}/query-url-metadata": ({ url }) => ({ ...remoteFile(url) }),
  "GET /nodes/{node}/aplinfo": () => applianceTemplates.map((template) => ({ ...template })),
  "POST /nodes/{node}/aplinfo": ({ node, storage, template }, { world, session }) => {
    const known = applianceTemplates.find((candidate) => candidate.template === template);
    if (known === undefined) {
      throw new ApiError(400, "Parameter verification failed.", { template: "no such template" });
    }
    requireFiles(world.storage(node, storage), "vztmpl");
    return world.tasks.start({
      node,
      type: "download",
      id: storage,
      session,
      seconds: 10,
      work: (log) => {
        log(`downloading ${known.location} to /var/lib/vz/template/cache/${template}`);
        addFile(world, {
          node,
          storage,
          content: "vztmpl",
          filename: template,
          size: known.size,
          failure: downloadFailure,
        });
        return undefined;
      },
    });
  },
};

function upload(
  parameters: Parameters<"POST /nodes/{node}/storage/{storage}/upload">,
  { world, session, upload: file }: Context,
): string {
  const { node, storage, content, checksum, "checksum-algorithm": algorithm } = parameters;
  if (file === undefined) {
    throw new ApiError(400, "Parameter verification failed.", {
      filename: "property is missing and it is not optional",
    });
  }
  requireFiles(world.storage(node, storage), content);
  const filename = checkFilename(content, parameters.filename);
  return world.tasks.start({
    node,
    type: "imgcopy",
    id: "",
    session,
    seconds: 1,
    work: (log) => {
      log(`target node: ${node}`);
      log(`target file: ${filename}`);
      log(`file size is: ${(file.size / 2 ** 20).toFixed(2)} MiB`);
      if (checksum !== undefined && algorithm !== undefined) checkSum(file, algorithm, checksum, log);
      addFile(world, {
        node,
        storage,
        content,
        filename,
        size: file.size,
        data: file.content,
        failure: "import failed: No space left on device",
      });
      log("finished file import successfully");
      return undefined;
    },
  });
}

function download(
  parameters: Parameters<"POST /nodes/{node}/storage/{storage}/download-url">,
  { world, session }: Context,
): string {
  const { node, storage, content, url, compression } = parameters;
  requireFiles(world.storage(node, storage), content);
  const filename = checkFilename(content, parameters.filename);
  if (compression !== undefined && content !== "iso" && content !== "import") {
    throw new ApiError(500, "decompression not supported for this content type");
  }
  return world.tasks.start({
    node,
    type: "download",
    id: filename,
    session,
    seconds: 20,
    work: (log) => {
      const { size } = remoteFile(url);
      log(`downloading ${url} to storage ${storage}`);
      const { checksum, "checksum-algorithm": algorithm } = parameters;
      const expected = checksum === undefined ? undefined : `${algorithm ?? ""}:${checksum.toLowerCase()}`;
      const existing = world.volumesOn(node, storage)[`${content}/${filename}`];
      if (existing !== undefined) {
        keepExisting(world, node, storage, existing, expected);
        log("calculating checksum of existing file...OK, got correct file already, no need to download");
        return undefined;
      }
      // There are no bytes to count: a checksum is taken on trust.
      if (expected !== undefined) log(`calculating checksum...OK, checksum verified`);
      addFile(world, { node, storage, content, filename, size, checksum: expected, failure: downloadFailure });
      log(`download of '${url}' to '${filename}' finished`);
      return undefined;
    },
  });
}

/**
 * A file of the same name stays, if it is the right one.
 * @throws {Error} as PVE::Tools::download_file_from_url: nothing is overwritten
 */
function keepExisting(
  world: World,
  node: string,
  storage: string,
  existing: Volume,
  expected: string | undefined,
): void {
  if (expected === undefined) {
    const path = pathOf(world.storage(node, storage).config, existing);
    throw new Error(`refusing to override existing file '${path}'`);
  }
  const [algorithm = "", checksum = ""] = expected.split(":");
  const bytes = Buffer.from(existing.data ?? existing.name, "base64");
  const got = existing.checksum ?? `${algorithm}:${createHash(algorithm).update(bytes).digest("hex")}`;
  if (got === expected) return;
  throw new Error(`checksum mismatch: got '${got.replace(/^.*:/, "")}' != expect '${checksum}', aborting`);
}

function checkSum(file: Upload, algorithm: Algorithm, expected: string, log: (line: string) => void): void {
  const actual = file.digest(algorithm);
  if (actual !== expected.toLowerCase()) {
    throw new Error(`checksum mismatch: got '${actual}' != expect '${expected.toLowerCase()}'`);
  }
  log("OK, checksum verified");
}

type Algorithm = globalThis.Parameters<Upload["digest"]>[0];

function requireFiles(storage: StorageState, content: Transferred): void {
  if (storage.config["path"] === undefined) {
    throw new ApiError(500, `can't upload to storage type '${storage.type}', not a file based storage!`);
  }
  if (!contentOf(storage).includes(content)) {
    throw new ApiError(500, `storage '${storage.storage}' is not configured for content-type '${content}'`);
  }
}

/** Of wget, whose third exit code stands for the disk. */
const downloadFailure = "download failed: exit code 3 (No space left on device)";

interface NewFile {
  readonly node: string;
  readonly storage: string;
  readonly content: Transferred;
  readonly filename: string;
  readonly size: number;
  readonly data?: Buffer | undefined;
  readonly checksum?: string | undefined;
  /** What the program says that finds no space for it. */
  readonly failure: string;
}

function addFile(world: World, { node, storage, content, filename, size, data, checksum, failure }: NewFile): void {
  const name = `${content}/${filename}`;
  if (size > availableOn(world, node, storage)) throw new Error(failure);
  const volumes = world.volumesOn(node, storage);
  volumes[name] = {
    name,
    content,
    format: formatOfFile(content, filename),
    size,
    created: world.seconds(),
    ...(data === undefined ? {} : { data: data.toString("base64") }),
    ...(checksum === undefined ? {} : { checksum }),
  };
}
