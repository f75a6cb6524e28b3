import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isRunning } from "./installation.mjs";

/**
 * Holds a lock file while `work` runs, so that two setups of one user never install at the same time.
 * @template T
 * @param {string} file
 * @param {{ signal?: AbortSignal, onWait: (pid: number) => void }} options
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(file, { signal, onWait }, work) {
  mkdirSync(dirname(file), { recursive: true });
  let told = false;
  for (;;) {
    const holder = takeLock(file);
    if (holder === undefined) break;
    if (!told) onWait(holder);
    told = true;
    await sleep(300, undefined, signal === undefined ? {} : { signal });
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

/**
 * Takes the lock, or tells whose it is. A lock of a process that is gone is removed; the next try takes it.
 * @param {string} file
 */
function takeLock(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: "wx" });
    return undefined;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
  const holder = readHolder(file);
  if (holder !== undefined && !isRunning(holder)) rmSync(file, { force: true });
  return holder ?? 0;
}

/** @param {string} file */
function readHolder(file) {
  try {
    const pid = Number(readFileSync(file, "utf8"));
    return pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}
