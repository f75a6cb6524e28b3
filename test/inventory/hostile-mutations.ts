import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { isMap, isPair, isScalar, isSeq, parseDocument, visit, type Document, type Scalar } from "yaml";
import { hostileEndings, hostileKeys, hostileTexts, hostileYaml } from "./hostile-values.ts";

/** One thing that was changed in one file of the inventory. */
export interface Mutation {
  readonly name: string;
  /** Key of the file: `nodes`. */
  readonly file: string;
  readonly text: string;
  /** The text that a value became, where it became one. */
  readonly value?: string;
}

const folder = resolve(import.meta.dirname, "../../config/homelab");

// Settings that the shipped inventory leaves to their defaults.
const additions: readonly (readonly [file: string, after: string, added: string])[] = [
  ["services", "  registry: true\n", "  pages: pages\n"],
  ["services", '  runner: { version: "19.4.0"', ", registered: false"],
  [
    "services",
    "  registry: true\n",
    "  smtp: { server: mail.example.net, port: 587, from: git@example.net, username: git }\n",
  ],
  ["services", "  version: 13.2.3\n", "  adminUser: admin\n"],
  ["services", "  retention: 730 d\n", "  organization: homelab\n  bucket: proxmox\n  adminUser: admin\n"],
  [
    "services",
    "  email: admin@example.net\n",
    "  dmz: { server: https://ca.example.net/directory, rate: 50, burst: 200, parallel: 64 }\n",
  ],
  ["services", "  email: admin@example.net\n", "  requestTimeout: 600 s\n"],
  [
    "services",
    "  scrapeInterval: 30 s\n",
    "  alerts: { capacity: 85, backupGrace: 12 h, scrub: 40 d, certificate: 14 d }\n",
  ],
  [
    "containers",
    "  runs: grafana\n",
    "  vmid: 20010\n  swap: 512 MiB\n  nesting: true\n  privileged: false\n  exposure: internal\n",
  ],
  ["machines", "  runs: gitlab\n", "  user: ops\n  cpuType: host\n"],
  ["machines", "path: /var/opt/gitlab", ", filesystem: ext4, backup: true"],
  [
    "backups",
    "  bandwidth: 200 MiB/s\n",
    '  notes: "{{guestname}}"\n  mode: snapshot\n  compression: zstd\n  repeatMissed: true\n',
  ],
  [
    "nodes",
    "  arcLimit: 8 GiB\n",
    "  reservedMemory: 2 GiB\n  reservedDisk: 10 GiB\n  memoryRatio: 1\n  firewall: false\n",
  ],
  [
    "nodes",
    "      origin: create\n",
    "      ashift: 12\n      compression: lz4\n      autotrim: true\n      scrub: monthly\n      diskRatio: 1\n",
  ],
  ["networks", "  vlan: 20\n", "  bridge: vmbr0\n"],
  ["storage", "  server: 10.10.0.20\n", '  version: "4.2"\n  nodes: [pve-01, pve-02]\n'],
  ["storage", "  username: u123456\n", '  smbVersion: "3.11"\n'],
];

/** The shipped inventory, by the key of its files, with what it leaves out. */
export function shippedTexts(): Map<string, string> {
  const names = readdirSync(folder).map((name) => name.replace(/\.yaml$/, ""));
  const texts = new Map(names.map((name) => [name, readFileSync(join(folder, `${name}.yaml`), "utf8")]));
  for (const [file, after, added] of additions) {
    const text = texts.get(file) ?? "";
    if (!text.includes(after)) throw new Error(`${file}.yaml does not contain ${JSON.stringify(after)}.`);
    texts.set(file, text.replace(after, after + added));
  }
  return texts;
}

/**
 * Puts hostile things at each place of a file; of entries that are alike, such as the addresses of guests, at one.
 * @param every how many of them are left out in between, others at each place; 1 tries all at every place
 */
export function mutationsOf(file: string, text: string, every: number): Mutation[] {
  const document = parseDocument(text);
  const seen = new Set<string>();
  const mutations: Mutation[] = [];
  let turn = 0;
  visit(document, {
    Scalar(role, node, ancestors) {
      const isKey = role === "key";
      const path = pathOf(node, ancestors);
      const kind = `${String(isKey)} ${kindOf(file, path, ancestors)}`;
      if (seen.has(kind)) return;
      seen.add(kind);
      const place = `${isKey ? "the key of " : ""}${[file, ...path].join(".")}`;
      const [start = 0, end = 0] = node.range ?? [];
      for (const { yaml, value } of isKey ? hostileKeys.map(quoted) : valuesFor(node)) {
        if (turn++ % every !== 0) continue;
        mutations.push({
          name: `${place}: ${yaml.slice(0, 60)}`,
          file,
          text: text.slice(0, start) + yaml + text.slice(end),
          ...(isKey || value === undefined ? {} : { value }),
        });
      }
      if (isKey) mutations.push({ name: `${place} and what is below it removed`, file, text: without(document, path) });
    },
  });
  return mutations;
}

interface Replacement {
  readonly yaml: string;
  readonly value?: string;
}

function quoted(value: string): Replacement {
  return { yaml: JSON.stringify(value), value };
}

function valuesFor({ value }: Scalar): Replacement[] {
  return [
    ...hostileTexts.map(quoted),
    ...hostileEndings.map((ending) => quoted(`${String(value)}${ending}`)),
    ...hostileYaml.map((yaml) => ({ yaml })),
  ];
}

function without(document: Document, path: readonly (string | number)[]): string {
  const copy = document.clone();
  copy.deleteIn(path);
  return String(copy);
}

function pathOf(node: Scalar, ancestors: readonly unknown[]): (string | number)[] {
  return [...ancestors, node].flatMap((item, index, all): (string | number)[] => {
    const inside = all[index + 1];
    if (isPair(item) && isScalar(item.key)) return [String(item.key.value)];
    return isSeq(item) ? [item.items.indexOf(inside)] : [];
  });
}

/** Names are free: what counts is of what kind the entry is. */
function kindOf(file: string, [name, ...path]: readonly (string | number)[], ancestors: readonly unknown[]): string {
  const named = ["disks", "pools", "bridges", "volumes", "schedule", "sshKeys", "credentials", "backends"];
  const rest = path.map((key, index) =>
    typeof key === "number" || named.includes(String(path[index - 1])) ? "*" : key,
  );
  const entry = ancestors.filter(isMap)[1];
  const kind = entry?.has("kind") === true ? entry.get("kind") : entry?.get("type");
  return JSON.stringify([file === "services" ? name : kind, ...rest]);
}
