import { posix } from "node:path";
import { FileError } from "../files/file-error.ts";
import type { FileSystem } from "../files/file-system.ts";

/** A piece of a word after its expansion: what is quoted is no pattern. */
export interface Piece {
  readonly text: string;
  readonly quoted: boolean;
}

/** Whether a word names several files. */
export function isPattern(pieces: readonly Piece[]): boolean {
  return pieces.some(({ text, quoted }) => !quoted && /[*?[]/.test(text));
}

/** The expression for `*`, `?` and `[…]`, without its anchors. */
export function patternSource(pieces: readonly Piece[], { greedy = true, any = "[^]" } = {}): string {
  return merge(pieces)
    .map(({ text, quoted }) => (quoted ? escape(text) : translate(text, greedy, any)))
    .join("");
}

/** The paths that a word names, sorted; none where nothing is there. */
export function findPaths(files: FileSystem, folder: string, pieces: readonly Piece[]): string[] {
  const segments = splitSegments(pieces);
  const absolute = segments[0]?.every(({ text }) => text === "") ?? false;
  let found = [absolute ? "/" : ""];
  for (const segment of segments.filter((candidate) => candidate.some(({ text }) => text !== ""))) {
    found = found.flatMap((path) => descend(files, folder, path, segment));
  }
  return found.sort();
}

function descend(files: FileSystem, folder: string, path: string, segment: readonly Piece[]): string[] {
  const base = posix.resolve(folder, path);
  if (!isPattern(segment)) {
    const next = posix.join(path, segment.map(({ text }) => text).join(""));
    return files.exists(posix.resolve(folder, next)) ? [next] : [];
  }
  const expression = new RegExp(`^${patternSource(segment, { any: "[^/]" })}$`);
  const hidden = segment[0]?.text.startsWith(".") ?? false;
  return listFolder(files, base)
    .filter((name) => (hidden || !name.startsWith(".")) && expression.test(name))
    .map((name) => posix.join(path, name));
}

function listFolder(files: FileSystem, path: string): string[] {
  try {
    return files.list(path);
  } catch (error) {
    if (error instanceof FileError) return [];
    throw error;
  }
}

function splitSegments(pieces: readonly Piece[]): Piece[][] {
  const segments: Piece[][] = [[]];
  for (const { text, quoted } of pieces) {
    for (const [index, part] of text.split("/").entries()) {
      if (index > 0) segments.push([]);
      segments.at(-1)?.push({ text: part, quoted });
    }
  }
  return segments;
}

/** Brackets may reach over pieces that are all unquoted. */
function merge(pieces: readonly Piece[]): Piece[] {
  const merged: Piece[] = [];
  for (const piece of pieces) {
    const last = merged.at(-1);
    if (last?.quoted === piece.quoted) merged[merged.length - 1] = { ...last, text: last.text + piece.text };
    else merged.push(piece);
  }
  return merged;
}

function translate(text: string, greedy: boolean, any: string): string {
  return text.replaceAll(/\[[!^]?\]?[^\]]*\]|[^]/g, (token) => {
    if (token === "*") return `${any}*${greedy ? "" : "?"}`;
    if (token === "?") return any;
    if (token.length === 1) return escape(token);
    return token.replace(/^\[!/, "[^").replaceAll("\\", "\\\\");
  });
}

function escape(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}
