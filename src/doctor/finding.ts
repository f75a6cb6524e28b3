import type { Refusal } from "../proxmox/read-api.ts";

/** What a check has found: fine, to be known, or to be done before anything is built. */
export type Status = "ok" | "warning" | "problem";

/** One thing that was looked at. */
export interface Finding {
  readonly status: Status;
  /** What it is about: `disk data of pve-01`. */
  readonly subject: string;
  /** What there is, in one sentence. */
  readonly text: string;
  /** What to do about it; lines that begin with two spaces are commands. */
  readonly remedy?: string;
  /** Set where it is unknown, because a request failed. */
  readonly unchecked?: true;
}

/** Something that is as it should be. */
export function fine(subject: string, text: string): Finding {
  return { status: "ok", subject, text };
}

/** Something to know; nothing fails for it. */
export function warning(subject: string, text: string, remedy: string): Finding {
  return { status: "warning", subject, text, remedy };
}

/** Something to do before anything is built. */
export function problem(subject: string, text: string, remedy: string): Finding {
  return { status: "problem", subject, text, remedy };
}

/** Something that could not be read, which is no proof of anything. */
export function unread(subject: string, { status, message }: Refusal): Finding {
  const text = `Not checked: ${message}.`;
  if (status === 403) {
    return warning(subject, text, "Give the token the privileges that are missing (see there), and run this again.");
  }
  const remedy = "Run this again; if it stays, look at the node's log: journalctl -u pvedaemon -u pveproxy.";
  return { ...warning(subject, text, remedy), unchecked: true };
}

/** What a process ends with: 0 for nothing to do, 1 for something, 2 where nobody knows, because a request failed. */
export function exitCodeOf(findings: readonly Finding[]): 0 | 1 | 2 {
  if (findings.some(({ status }) => status === "problem")) return 1;
  return findings.some(({ unchecked }) => unchecked === true) ? 2 : 0;
}

/** `pve-01`, `pve-01 and pve-02`, `a, b and c`. */
export function listOf(names: readonly string[]): string {
  if (names.length < 2) return names.join("");
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1) ?? ""}`;
}

/** `1 guest`, `2 guests`. */
export function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** Bytes as people read them: `12.5 GiB`. */
export function renderBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const exponent = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 2 ** (10 * exponent);
  return `${Number(value.toFixed(1))} ${units[exponent] ?? ""}`;
}
