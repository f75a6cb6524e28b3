import { describe, expect, test } from "vitest";
import { checkImages } from "../../src/edits/check-images.ts";
import { keepFiles } from "../../src/edits/keep-files.ts";
import { noteRemovedImages } from "../../src/edits/note-images.ts";
import type { Inventory } from "../../src/inventory/inventory.ts";
import { planHomelab } from "../../src/plan/plan.ts";
import { resolved } from "../../src/plan/resolved.ts";
import { buildOf, shipped } from "./edited-homelab.ts";

const template = "debian-13-container";
const cloud = "debian-13-cloud";
const built = buildOf(shipped);

function judge(edit: (inventory: Inventory) => void, was = built) {
  const inventory = structuredClone(shipped);
  edit(inventory);
  const plan = keepFiles(planHomelab(inventory), was);
  return {
    plan,
    refused: checkImages(plan, was).map(({ path, problem, remedy }) => ({ at: path.join("."), problem, remedy })),
    removed: noteRemovedImages(plan, was),
  };
}

const set =
  (key: string, values: Readonly<Record<string, unknown>>) =>
  ({ images }: Inventory) =>
    Object.assign(images[key] ?? {}, values);

/** Gives an image another key, in its guests, too. */
function renameImage({ images, containers, machines }: Inventory, from: string, to: string): void {
  images[to] = resolved(images, from);
  Reflect.deleteProperty(images, from);
  for (const guest of [...Object.values(containers), ...Object.values(machines)])
    if (guest.image === from) guest.image = to;
}

describe("a file that is there", () => {
  const unedited = judge(() => undefined);

  test("changes nothing if nothing was edited", () => {
    expect(unedited).toMatchObject({ refused: [], removed: [] });
    expect(unedited.plan.images).toEqual(planHomelab(shipped).images);
  });

  test.each<[string, (inventory: Inventory) => void]>([
    ["from another mirror", set(template, { url: "https://mirror.example.com/debian.tar.zst" })],
    [
      "without its checksum in the inventory",
      (inventory) => Reflect.deleteProperty(inventory.images[template] ?? {}, "checksum"),
    ],
  ])("is not downloaded again %s", (_title, edit) => {
    const { plan, refused, removed } = judge(edit);
    expect([refused, removed]).toEqual([[], []]);
    expect(plan.images).toEqual(unedited.plan.images);
  });

  test("is not downloaded again for a checksum that it was made without", () => {
    const checksum = { algorithm: "sha256", value: "e".repeat(64) };
    const { plan, refused } = judge(set("talos", { checksum }));
    expect(refused).toEqual([]);
    expect(plan.images).toEqual(unedited.plan.images);
  });

  test("keeps its place in the state under another key", () => {
    const { plan, refused, removed } = judge((inventory) => {
      renameImage(inventory, template, "debian");
    });
    expect([refused, removed]).toEqual([[], []]);
    const renamed = plan.images.filter(({ image }) => image === "debian");
    expect(renamed.map(({ name, formerName }) => [name, formerName])).toEqual([
      ["debian-pve-01", `${template}-pve-01`],
      ["debian-pve-02", `${template}-pve-02`],
    ]);
  });

  test("stays on the node that has downloaded it to a share", () => {
    const shared = structuredClone(shipped);
    Object.assign(shared.storage["homelab"] ?? {}, { type: "nfs", server: "a", export: "/b", version: "4.2" });
    const was = buildOf(shared);
    Object.assign(shared.nodes, { "pve-00": structuredClone(shared.nodes["pve-01"]) });
    for (const guest of Object.values(shared.containers)) guest.node = "pve-00";
    const plan = keepFiles(planHomelab(shared), was);
    const [image] = plan.images.filter(({ image: key }) => key === template);
    expect(image).toMatchObject({ name: `${template}-pve-00`, formerName: `${template}-pve-01`, node: "pve-01" });
  });
});

describe("another content under the same name is refused", () => {
  test.each<[string, (inventory: Inventory) => void, string]>([
    ["with another checksum", set(template, { checksum: { algorithm: "sha512", value: "f".repeat(128) } }), "checksum"],
    [
      "with another checksum and URL",
      set(template, { url: "https://a.example/b", checksum: { algorithm: "sha256", value: "f".repeat(64) } }),
      "URL",
    ],
  ])("%s", (_title, edit, differs) => {
    expect(judge(edit).refused).toEqual([
      {
        at: `images.${template}.fileName`,
        problem: expect.stringMatching(
          new RegExp(`^homelab:vztmpl/\\S+ is there with another ${differs}\\.`),
        ) as string,
        remedy: expect.stringMatching(/^Choose another fileName: .*pvesm free homelab:vztmpl/s) as string,
      },
    ]);
  });

  test("with the name of a file that another image is leaving", () => {
    const { refused } = judge(({ images, machines }) => {
      const [one, other] = [images[cloud], structuredClone(images[cloud])];
      if (one?.kind !== "cloudImage" || other?.kind !== "cloudImage") throw new Error("There is no such image.");
      images["older"] = other;
      Object.assign(one, {
        url: "https://a.example/new.qcow2",
        fileName: "new.qcow2",
        checksum: { algorithm: "sha256", value: "f".repeat(64) },
      });
      Object.assign(machines["gitlab-runner"] ?? {}, { image: "older" });
    });
    expect(refused).toMatchObject([
      {
        at: "images.older",
        problem: expect.stringContaining(`belongs to ${cloud}-pve-02, which gets another file`) as string,
      },
    ]);
  });
});

test("a newer file is another file: the old one goes, and who was made from it is named", () => {
  const { refused, removed } = judge(
    set(template, { fileName: "newer.tar.zst", checksum: { algorithm: "sha256", value: "f".repeat(64) } }),
  );
  expect(refused).toEqual([]);
  expect(removed).toEqual([
    expect.stringMatching(
      /^The file homelab:vztmpl\/debian-13-standard\S+ goes from pve-01 and pve-02: .* Made from it, and not touched: grafana, /,
    ),
  ]);
});

describe("what a guest was made from stays", () => {
  test("a machine reads its user data where it always did", () => {
    const { plan } = judge((inventory) => {
      inventory.storage["other"] = { ...structuredClone(inventory.storage["homelab"]), path: "/srv/other" } as never;
      for (const image of Object.values(inventory.images)) image.storage = "other";
    });
    expect(plan.images.every(({ storage }) => storage === "other")).toBe(true);
    const data = plan.machines.flatMap((machine) => (machine.kind === "cloud" ? [machine.userData] : []));
    expect(data.map(({ storage, volumeId }) => [storage, volumeId.split(":")[0]])).toEqual(
      data.map(() => ["homelab", "homelab"]),
    );
  });

  test("a container keeps its kind of system with another image, and can be brought back to it with the same one", () => {
    const other = judge(set(template, { distribution: "ubuntu", fileName: "ubuntu.tar.zst" }));
    expect(other.plan.containers.map(({ distribution }) => distribution)).toEqual(
      built.guests.filter(({ kind }) => kind === "container").map(() => "debian"),
    );
    const drifted = {
      ...built,
      guests: built.guests.map((guest) => ({ ...guest, settings: { ...guest.settings, distribution: "ubuntu" } })),
    };
    expect(judge(() => undefined, drifted).plan.containers[0]?.distribution).toBe("debian");
  });
});
