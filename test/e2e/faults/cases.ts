import type { Fault, FaultEffect } from "../../../simulator/src/faults.ts";

/** One request of a run, as the simulator records it. */
interface Call {
  readonly method: string;
  readonly path: string;
}

/** Calls that are alike: a method, and a path with `*` for names and numbers. */
export interface Pattern {
  readonly method: string;
  readonly path: string;
  /** The first of them. */
  readonly example: string;
}

/** One fault that is tried in a run of its own. */
export interface FaultCase {
  readonly title: string;
  readonly pattern: Pattern;
  readonly kind: string;
  readonly once: boolean;
  readonly fault: Fault;
}

const names: readonly (readonly [RegExp, string])[] = [
  [/\?.*$/, ""],
  [/\/$/, ""],
  [/^\/nodes\/[^/]+/, "/nodes/*"],
  [/\/(lxc|qemu)\/\d+/, "/$1/*"],
  [/^\/storage\/.+/, "/storage/*"],
  [/\/storage\/[^/]+/, "/storage/*"],
  [/\/content\/.+/, "/content/**"],
  [/\/tasks\/[^/]+/, "/tasks/*"],
  [/\/backup\/.+/, "/backup/*"],
  [/\/rules\/\d+/, "/rules/*"],
  [/\/zfs\/.+/, "/zfs/*"],
];

/** Groups calls by what they ask for. */
export function findPatterns(calls: readonly Call[]): Pattern[] {
  const found = new Map<string, Pattern>();
  for (const { method, path: example } of calls) {
    const path = names.reduce((text, [from, to]) => text.replace(from, to), example);
    if (!found.has(`${method} ${path}`)) found.set(`${method} ${path}`, { method, path, example });
  }
  return [...found.values()].sort((a, b) => (`${a.path} ${a.method}` < `${b.path} ${b.method}` ? -1 : 1));
}

/** All faults of all patterns: each that can befall such a call, once and for good. */
export function planCases(patterns: readonly Pattern[]): FaultCase[] {
  return patterns.flatMap((pattern) =>
    effectsOn(pattern).flatMap(([kind, effect]) =>
      [true, false].map((once) => {
        const { method, path } = pattern;
        const title = `${method} ${path}: ${kind}, ${once ? "once" : "each time"}`;
        return { title, pattern, kind, once, fault: { method, path, effect, ...(once ? { times: 1 } : {}) } };
      }),
    ),
  );
}

function effectsOn({ method, path }: Pattern): [string, FaultEffect][] {
  const status = (code: number, message: string): FaultEffect => ({ kind: "status", status: code, message });
  const effects: [string, FaultEffect][] = [
    ["500", status(500, "internal error of the test")],
    ["502", status(502, "Bad Gateway")],
    ["596", status(596, "Connection timed out")],
    ["drop", { kind: "drop" }],
    ["never answered", { kind: "hang" }],
  ];
  if (method === "GET") return effects;
  effects.push(["drop after it was done", { kind: "drop", after: true }]);
  const guest = /\/(lxc|qemu)\/\*/.exec(path)?.[1];
  if (guest !== undefined) {
    const file = guest === "lxc" ? "/run/lock/lxc/pve-config-100.lock" : "/var/lock/qemu-server/lock-100.conf";
    effects.push(["guest locked", status(500, `can't lock file '${file}' - got timeout`)]);
  }
  if (/^\/(storage|cluster)/.test(path) || /\/(lxc|qemu|download-url|zfs)$/.test(path)) {
    effects.push(["storage locked", status(500, "cfs-lock 'storage-fast' error: got lock request timeout")]);
  }
  if (/\/(lxc|qemu|download-url|zfs|start|resize)$/.test(path)) {
    effects.push(["task fails", { kind: "task", message: "the disk of the test is full: out of space" }]);
  }
  return effects;
}
