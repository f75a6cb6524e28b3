import { accessSync, constants, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { applyPatches, enablePatches, type Patch } from "immer";
import { messageOf, StartError } from "../start-error.ts";
import type { ClusterState } from "../state/cluster.ts";
import { unfinished, writeDurably, syncFolder } from "./durable-file.ts";
import { isClaim, lockFolder } from "./folder-lock.ts";
import { damaged, Journal, readJournal } from "./journal.ts";

enablePatches();

/** The version of the files' form: to be raised when an older simulator could not read what this one writes. */
const version = 1;
const format = "proxmox-simulator";
const files = {
  snapshot: "cluster.json",
  journal: "journal.jsonl",
  certificate: "certificate.json",
  ca: "ca.pem",
  sshKey: "ssh-key",
};
/** Below this size a journal is not worth a snapshot. */
const smallJournal = 2 ** 20;

interface Snapshot {
  readonly format: string;
  readonly version: number;
  /** The last transaction that is in the state. */
  readonly sequence: number;
  readonly state: ClusterState;
}

/**
 * A folder that keeps a cluster's state through crashes and power failures: a snapshot, and a journal of what came after.
 */
export class StateFolder {
  /** The state that the last simulator left here. */
  readonly left: ClusterState | undefined;
  readonly #directory: string;
  readonly #unlock: () => void;
  readonly #journal: Journal;
  readonly #compactAt: number;
  #sequence: number;
  #snapshotSize = 0;
  #nextCompaction = 0;

  /**
   * Opens a folder, and makes it where it is missing.
   * @throws {StartError} where it is in use, damaged or something else's
   */
  constructor(directory: string, { compactAt = smallJournal }: { readonly compactAt?: number } = {}) {
    this.#directory = directory;
    this.#compactAt = compactAt;
    makeFolder(directory);
    this.#unlock = lockFolder(directory);
    try {
      const { state, sequence, size } = recover(directory);
      this.left = state;
      this.#sequence = sequence;
      this.#journal = new Journal(join(directory, files.journal), size);
      syncFolder(directory);
    } catch (error) {
      this.#unlock();
      throw error;
    }
  }

  /** Where the certificate authority and the server's certificate are kept. */
  get certificateFile(): string {
    return join(this.#directory, files.certificate);
  }

  /** Writes the state that a simulator starts with. */
  begin(state: ClusterState): void {
    const text = JSON.stringify({ format, version, sequence: this.#sequence, state } satisfies Snapshot);
    writeDurably(join(this.#directory, files.snapshot), text);
    // A crash in between does no harm: the journal's lines are older than the snapshot then, and are not read.
    this.#journal.clear();
    this.#snapshotSize = text.length;
    this.#nextCompaction = Math.max(this.#compactAt, this.#snapshotSize);
  }

  /** Keeps a transaction; when this returns, nothing can undo it. */
  keep(patches: readonly Patch[], state: ClusterState): void {
    this.#journal.append({ sequence: this.#sequence + 1, patches });
    this.#sequence += 1;
    if (this.#journal.size >= this.#nextCompaction) this.#compact(state);
  }

  /** Lets another simulator use the folder. */
  close(): void {
    this.#journal.close();
    this.#unlock();
  }

  /** The journal has everything already: that there is no room for a snapshot is no reason to refuse a request. */
  #compact(state: ClusterState): void {
    try {
      this.begin(state);
    } catch (error) {
      this.#nextCompaction = this.#journal.size + Math.max(this.#compactAt, this.#snapshotSize);
      process.stderr.write(`${this.#directory}: no snapshot could be written: ${messageOf(error)}\n`);
    }
  }
}

function makeFolder(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    if (!statSync(directory).isDirectory()) throw new Error("it is no folder");
    accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const problem = `The folder cannot be used: ${messageOf(error)}.`;
    throw new StartError(`--state ${directory}`, problem, "Name a folder that you may write to, or a new one.");
  }
  const ours = new Set(Object.values(files).flatMap((name) => [name, name + unfinished]));
  const foreign = readdirSync(directory).find((name) => !ours.has(name) && !isClaim(name));
  if (foreign === undefined) return;
  throw new StartError(
    `--state ${directory}`,
    `The folder holds something else: ${foreign} is no file of the simulator.`,
    "Name an empty folder, or a new one.",
  );
}

function recover(directory: string): { state: ClusterState | undefined; sequence: number; size: number } {
  for (const name of Object.values(files)) rmSync(join(directory, name + unfinished), { force: true });
  const snapshot = readSnapshot(join(directory, files.snapshot));
  // Without a snapshot nothing has ever begun.
  if (snapshot === undefined) return { state: undefined, sequence: 0, size: 0 };
  const path = join(directory, files.journal);
  const { entries, size } = readJournal(path);
  let { state, sequence } = snapshot;
  for (const [index, entry] of entries.entries()) {
    if (entry.sequence <= sequence) continue;
    if (entry.sequence !== sequence + 1) throw damaged(path, index + 1);
    try {
      state = applyPatches(state, entry.patches);
    } catch {
      throw damaged(path, index + 1);
    }
    sequence = entry.sequence;
  }
  return { state, sequence, size };
}

function readSnapshot(path: string): Snapshot | undefined {
  if (!existsSync(path)) return undefined;
  let snapshot: Partial<Snapshot> | null;
  try {
    snapshot = JSON.parse(readFileSync(path, "utf8")) as Partial<Snapshot> | null;
  } catch (error) {
    const problem = `The state cannot be read: ${messageOf(error)}.`;
    throw new StartError(path, problem, "Restore the folder from a backup, or name another one with --state.");
  }
  if (snapshot?.format !== format || snapshot.version === undefined || snapshot.state === undefined) {
    throw new StartError(
      path,
      "This is not the state of a simulator.",
      "Name an empty folder with --state, or a new one.",
    );
  }
  if (snapshot.version > version) {
    throw new StartError(
      path,
      `A newer simulator has written this: its format is ${snapshot.version}, and this one knows ${version}.`,
      "Use the newer simulator, or name another folder with --state.",
    );
  }
  return { format, version, sequence: snapshot.sequence ?? 0, state: snapshot.state };
}
