import { describe, expect, test } from "vitest";
import { checkStorages, storagesAtStake, type StorageConsents } from "../../src/edits/check-storages.ts";
import { noteStorages } from "../../src/edits/note-storages.ts";
import type { StorageContent } from "../../src/edits/storage-uses.ts";
import type { Storage } from "../../src/inventory/storage.ts";
import { resolved } from "../../src/plan/resolved.ts";
import { planStorages } from "../../src/plan/storages.ts";
import { buildOf, existingOf, shipped } from "./edited-homelab.ts";

const built = buildOf(shipped);
const volume = (volid: string, content: string, vmid?: number) => ({ volid, content, vmid, node: "pve-01" });
const filled: StorageContent = {
  kind: "read",
  volumes: [
    volume("nas:backup/a", "backup", 20010),
    volume("nas:backup/b", "backup", 20010),
    volume("nas:iso/c", "iso"),
  ],
};

interface Facts {
  readonly contents?: Readonly<Record<string, StorageContent>>;
  readonly consents?: Partial<StorageConsents>;
  readonly status?: string;
}

type Edit = (storage: Record<string, Storage>) => void;

function judge(edit: Edit, { contents = {}, consents = {}, status = "running" }: Facts = {}) {
  const inventory = structuredClone(shipped);
  edit(inventory.storage);
  const storages = planStorages(inventory);
  const none = new Set<string>();
  const refused = checkStorages({
    ...{ plan: { storages }, built, contents: new Map(Object.entries(contents)) },
    existing: existingOf(built).map((guest) => ({ ...guest, status })),
    consents: { removed: none, repointed: none, ...consents },
  });
  return {
    refused: refused.map(({ path, problem, remedy }) => ({ at: path.join("."), problem, remedy })),
    atStake: storagesAtStake({ storages }, built).map(({ name }) => name),
    notes: noteStorages({ storages }, built),
  };
}

const set =
  (name: string, values: Readonly<Record<string, unknown>>): Edit =>
  (storage) =>
    Object.assign(storage[name] ?? {}, values);
const remove =
  (name: string): Edit =>
  (storage) =>
    Reflect.deleteProperty(storage, name);
const rename =
  (name: string, other: string): Edit =>
  (storage) => {
    storage[other] = structuredClone(resolved(storage, name));
    remove(name)(storage);
  };

describe("edits in place", () => {
  test.each<[string, Edit]>([
    ["none", () => undefined],
    ["more content", set("nas", { content: ["backup", "iso"] })],
    ["one node only", set("nas", { nodes: ["pve-01"] })],
  ])("%s", (_title, edit) => {
    expect(judge(edit)).toEqual({ refused: [], atStake: [], notes: [] });
  });
});

test("a share that is mounted in another way, or by another user, says what that costs", () => {
  expect(judge(set("nas", { version: "4.1" }))).toEqual({
    ...{ refused: [], atStake: [] },
    notes: [
      "The storage nas is mounted with vers=4.1 the next time. To mount it again, on each node, while no guest and no backup uses it: umount /mnt/pve/nas",
    ],
  });
  expect(judge(set("hetzner", { username: "u2" }))).toEqual({
    ...{ refused: [], atStake: [] },
    notes: [
      "The entry of the storage hetzner is deleted and created again, because the provider changes no user name. Its files stay.",
    ],
  });
});

describe("another location", () => {
  test.each<[string, Edit, Facts, string, string]>([
    [
      "of backups",
      set("nas", { export: "/v2" }),
      { contents: { nas: filled } },
      "storage.nas.export",
      "2 backups, 1 ISO image",
    ],
    [
      "on another server",
      set("nas", { server: "10.10.0.9" }),
      { contents: { nas: filled } },
      "storage.nas.server",
      "10.10.0.9:/volume1",
    ],
    [
      "in a folder of the share",
      set("hetzner", { subdir: "/a" }),
      { contents: { hetzner: filled } },
      "storage.hetzner.subdir",
      "//u123456.your-storagebox.de/backup/a",
    ],
    [
      "in another share",
      set("hetzner", { share: "a" }),
      { contents: { hetzner: filled } },
      "storage.hetzner.share",
      "//u123456.your-storagebox.de/a",
    ],
    [
      "of disks",
      set("fast", { pool: "fast/guests" }),
      {},
      "storage.fast.pool",
      "the disks of prometheus (VMID 20011), gitlab (VMID 20030)",
    ],
    [
      "of user data",
      set("homelab", { path: "/srv" }),
      {},
      "storage.homelab.path",
      "the user data of gitlab (VMID 20030), gitlab-runner (VMID 20031)",
    ],
    [
      "of what cannot be read",
      set("nas", { export: "/v2" }),
      { contents: { nas: { kind: "unread", reason: "storage 'nas' is not online", answered: true } } },
      "storage.nas.export",
      "what the server does not tell (storage 'nas' is not online)",
    ],
  ])("%s is refused with what would be out of sight", (_title, edit, facts, at, problem) => {
    const { refused, notes } = judge(edit, facts);
    expect(refused).toEqual([
      {
        at,
        problem: expect.stringContaining(problem) as string,
        remedy: expect.stringMatching(/npm run up -- --repoint-storage \w+\. .* add a second storage for/s) as string,
      },
    ]);
    expect(notes).toHaveLength(1);
  });

  test("is let through if nothing is on it, and said", () => {
    const { refused, atStake, notes } = judge(set("nas", { export: "/v2" }), {
      contents: { nas: { kind: "read", volumes: [] } },
    });
    expect([refused, atStake]).toEqual([[], ["nas"]]);
    expect(notes).toEqual([
      "The storage nas shows 10.10.0.20:/v2 instead of 10.10.0.20:/volume1/proxmox. What is at 10.10.0.20:/volume1/proxmox stays there.",
    ]);
  });

  test("is let through if the user says that the files are there", () => {
    const repointed = { repointed: new Set(["nas", "homelab"]) };
    const both: Edit = (storage) => {
      set("nas", { export: "/v2" })(storage);
      set("homelab", { path: "/srv" })(storage);
    };
    expect(judge(both, { contents: { nas: filled }, consents: repointed }).refused).toEqual([]);
  });

  test("but not below guests that run", () => {
    const consents = { repointed: new Set(["fast"]) };
    const edit = set("fast", { pool: "fast/guests" });
    expect(judge(edit, { consents, status: "stopped" }).refused).toEqual([]);
    expect(judge(edit, { consents }).refused).toEqual([
      {
        at: "storage.fast.pool",
        problem: expect.stringMatching(
          /^prometheus, gitlab, .* run from fast, and would go on writing there/,
        ) as string,
        remedy: expect.stringContaining("on pve-01: pct shutdown 20011\n  on pve-01: qm shutdown 20030") as string,
      },
    ]);
  });
});

describe("a storage that leaves the inventory", () => {
  test("with disks of guests is refused, whatever is named", () => {
    const consents = { removed: new Set(["fast"]) };
    expect(judge(remove("fast"), { consents }).refused).toEqual([
      {
        at: "storage.fast",
        problem: expect.stringMatching(
          /On it: the disks of prometheus \(VMID 20011\), gitlab .*\. Guests could not start without it\.$/,
        ) as string,
        remedy: expect.stringContaining("Put the entry back.") as string,
      },
    ]);
  });

  test("with disks of a guest of others is refused, too", () => {
    const contents = { nas: { kind: "read" as const, volumes: [volume("nas:900/vm-900-disk-0.raw", "images", 900)] } };
    const inventory = structuredClone(shipped);
    remove("nas")(inventory.storage);
    const storages = planStorages(inventory);
    const stranger = { vmid: 900, node: "pve-02", name: "windows", type: "qemu", maxmem: 0, tags: "" } as const;
    const consents = { removed: new Set(["nas"]), repointed: new Set<string>() };
    const refused = checkStorages({
      plan: { storages },
      built,
      existing: [stranger],
      contents: new Map(Object.entries(contents)),
      consents,
    });
    expect(refused).toMatchObject([{ problem: expect.stringContaining("the disks of windows (VMID 900)") as string }]);
  });

  test("with files is refused until it is named", () => {
    const facts = { contents: { nas: filled } };
    expect(judge(remove("nas"), facts).refused).toEqual([
      {
        at: "storage.nas",
        problem: expect.stringContaining("On it: 2 backups, 1 ISO image.") as string,
        remedy: expect.stringContaining("npm run up -- --remove-storage nas.") as string,
      },
    ]);
    expect(judge(remove("nas"), { ...facts, consents: { removed: new Set(["nas"]) } }).refused).toEqual([]);
  });

  test("with nothing but what the stack itself keeps there goes, and its files stay", () => {
    const own = [
      volume("homelab:snippets/20030-gitlab-user-data.yaml", "snippets"),
      ...built.images.map(({ volumeId }) => volume(volumeId, "import")),
    ];
    const { refused, notes } = judge(remove("homelab"), { contents: { homelab: { kind: "read", volumes: own } } });
    expect(refused).toEqual([]);
    expect(notes).toEqual([
      "The entry of the storage homelab goes from Proxmox VE. What is at /var/lib/homelab stays there.",
    ]);
  });
});

describe("a storage under a new name", () => {
  test("is let through if it holds files only: they are found under the new name", () => {
    const { refused, notes } = judge(rename("nas", "vault"), { contents: { nas: filled } });
    expect(refused).toEqual([]);
    expect(notes).toEqual([
      "The storage vault shows 10.10.0.20:/volume1/proxmox, as nas did: the files there stay, under the new name.",
    ]);
  });

  test.each([
    ["disks of guests", "fast", "the disks of prometheus (VMID 20011)"],
    ["images of the stack", "homelab", "homelab:vztmpl/debian-13-standard"],
  ])("is refused if it holds %s", (_title, name, holds) => {
    expect(judge(rename(name, "other")).refused).toEqual([
      {
        at: "storage.other",
        problem: expect.stringMatching(new RegExp(`a new name for it.*${holds.replaceAll(/[()]/g, "\\$&")}`)) as string,
        remedy: `Keep the key ${name}.`,
      },
    ]);
  });
});

test("another type is refused, and thin provisioning is switched off by hand", () => {
  const type: Edit = (storage) => {
    storage["nas"] = { ...shipped.storage["homelab"], content: ["backup"] } as Storage;
  };
  expect(judge(type).refused).toMatchObject([
    { at: "storage.nas.type", problem: expect.stringContaining("of the type nfs") as string },
  ]);
  expect(judge(set("fast", { thin: false })).refused).toMatchObject([
    { at: "storage.fast.thin", remedy: expect.stringContaining("on pve-01: pvesm set fast --sparse 0") as string },
  ]);
});

test("a node that leaves a storage has to be without the stack's files first", () => {
  expect(judge(set("homelab", { nodes: ["pve-01"] })).refused).toMatchObject([
    {
      at: "storage.homelab.nodes",
      problem: expect.stringMatching(/^homelab:\S+ is on pve-02, where this run removes it\./) as string,
      remedy: expect.stringContaining("nodes: [pve-01, pve-02]") as string,
    },
    {},
    {},
  ]);
});

test("names on the command line that fit nothing are refused", () => {
  const consents = { removed: new Set(["nas", "nothing"]), repointed: new Set(["void"]) };
  expect(
    judge(() => undefined, { consents })
      .refused.map(({ problem }) => problem)
      .sort(),
  ).toEqual([
    "--remove-storage names nas, and nas is in the inventory.",
    "--remove-storage names nothing, and there is no storage of that name in the inventory or in the state.",
    "--repoint-storage names void, and there is no storage of that name in the inventory or in the state.",
  ]);
});

test("what the last run has let go of, and what the installer's is, is no matter of it", () => {
  const released = { ...built, storages: built.storages.map((storage) => ({ ...storage, released: true })) };
  const none = { removed: new Set<string>(), repointed: new Set<string>() };
  const facts = { existing: existingOf(built), contents: new Map<string, StorageContent>(), consents: none };
  expect(checkStorages({ ...facts, plan: { storages: [] }, built: released })).toEqual([]);
});
