import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { buildSmallHomelab, type SmallHomelab } from "./small-homelab.ts";
import "./skip-checkpoints.ts";

// Edits of images that are built: guests stay as they were made, and there is a file whatever becomes of a download.
let lab: SmallHomelab;
let guests: ReturnType<SmallHomelab["guests"]>;

const old = "vztmpl/debian-13.1.tar.zst";
const newer = "vztmpl/debian-13.2.tar.zst";

beforeAll(async () => {
  lab = await buildSmallHomelab();
  guests = lab.guests();
});

afterEach(async () => {
  expect(lab.guests()).toEqual(guests);
  await lab.restore();
});

afterAll(() => lab.close());

test("the new file is there before the old one goes, and a download that fails leaves the old one", async () => {
  lab.edit("images", /debian-13\.1/g, "debian-13.2");
  lab.edit("images", "a".repeat(64), "c".repeat(64));
  lab.simulator.faults.add({
    ...{ method: "POST", path: "/nodes/pve-01/storage/homelab/download-url" },
    effect: { kind: "task", message: "download failed: 404 Not Found" },
  });
  const failed = await lab.up();
  expect(failed.text).toContain("download failed: 404 Not Found");
  expect(failed.code).not.toBe(0);
  expect(filesOf("pve-01/homelab")).toEqual([old]);

  lab.simulator.faults.clear();
  const { code, text, writes } = await lab.up();
  expect(text).toContain(`The file homelab:${old} goes from pve-01`);
  expect(text).toContain("is for new guests only. These stay as they were made: cache (from");
  expect(code).toBe(0);
  expect(filesOf("pve-01/homelab")).toEqual([newer]);
  expect(writes).toEqual([
    "POST /nodes/pve-01/storage/homelab/download-url",
    `DELETE /nodes/pve-01/storage/homelab/content/homelab:${old}`,
  ]);
});

test("another content under the same name is refused, and the old file stays", async () => {
  lab.edit("images", "a".repeat(64), "c".repeat(64));
  const { code, text, writes } = await lab.up();
  expect(text).toContain("Proxmox VE overwrites no file");
  expect(text).toContain("on pve-01: pvesm free homelab:vztmpl/debian-13.1.tar.zst");
  expect(code).not.toBe(0);
  expect(writes).toEqual([]);
});

test("another mirror and another key change nothing", async () => {
  lab.edit("images", "https://example.com/debian", "https://mirror.example.com/debian");
  lab.edit("images", /^debian:/m, "template:");
  lab.edit("containers", /image: debian/g, "image: template");
  const { code, writes } = await lab.up();
  expect([code, writes]).toEqual([0, []]);
  expect(filesOf("pve-01/homelab")).toEqual([old]);
  expect((await lab.stack.preview()).changeSummary).toEqual({ same: expect.any(Number) as number });
});

test("an image that guests were made from goes with its entry, and the guests stay", async () => {
  lab.edit(
    "images",
    /^debian:/m,
    `alpine:\n  kind: containerTemplate\n  distribution: alpine\n  url: https://example.com/alpine.tar.xz\n  fileName: alpine.tar.xz\n  checksum: { algorithm: sha256, value: ${"d".repeat(64)} }\n  storage: homelab\nunused:`,
  );
  lab.edit("containers", /image: debian/g, "image: alpine\n  nesting: true");
  const { code, text } = await lab.up();
  expect(text).toContain("Made from it, and not touched: cache, web.");
  expect(code).toBe(0);
  expect(filesOf("pve-01/homelab")).toEqual(["vztmpl/alpine.tar.xz"]);
});

function filesOf(home: string): string[] {
  return Object.keys(lab.simulator.state.volumes[home] ?? {}).sort();
}
