import { afterAll, describe, expect } from "vitest";
import type { StorageConfig } from "../../src/proxmox/answers.ts";
import { checkStorage } from "../../src/doctor/check-storages.ts";
import { closeShared, named, shipped, test } from "./doctor-test.ts";

afterAll(closeShared);

const gib = 2 ** 30;
const localZfs = named(shipped.storages, "local-zfs");

/** The shipped plan with containers of another size. */
function withDisks(sizeGib: number) {
  return {
    ...shipped,
    containers: shipped.containers.map((guest) => ({ ...guest, disk: { ...guest.disk, sizeGib } })),
  };
}

describe("storages of the installer", () => {
  test("are there on every node", async ({ findingOn }) => {
    expect(await findingOn("storage local-zfs")).toEqual({
      status: "ok",
      subject: "storage local-zfs",
      text: "It is there on pve-01 and pve-02.",
    });
  });

  test("one that is not there is missed", async ({ simulator, findingOn }) => {
    await simulator.request("DELETE", "/storage/local-zfs");
    expect(await findingOn("storage local-zfs")).toEqual({
      status: "problem",
      subject: "storage local-zfs",
      text: "The installer should have made it, and it is not there.",
      remedy: "Correct storage.local-zfs in config/homelab/storage.yaml, or write origin: create.",
    });
  });

  test("one that does not take what is declared is found", async ({ simulator, findingOn }) => {
    await simulator.request("PUT", "/storage/local-zfs", { content: "images" });
    expect(await findingOn("storage local-zfs")).toEqual({
      status: "problem",
      subject: "storage local-zfs",
      text: "It does not take rootdir, only images.",
      remedy: "Let it, or keep these elsewhere:\n  pvesm set local-zfs --content images,rootdir",
    });
  });

  test("one that a node cannot use, or does not have, is found", async ({ simulator, findingOn }) => {
    const finding = {
      status: "problem",
      subject: "storage local-zfs",
      text: "It cannot be used on pve-02.",
      remedy: "See why, on pve-02:\n  pvesm status --storage local-zfs",
    };
    simulator.incidents.takeStorageOffline("local-zfs", "pve-02");
    expect(await findingOn("storage local-zfs")).toEqual(finding);
    simulator.incidents.bringStorageOnline("local-zfs");
    await simulator.request("PUT", "/storage/local-zfs", { nodes: "pve-01" });
    expect(await findingOn("storage local-zfs")).toEqual(finding);
  });

  test.for<[Partial<StorageConfig>, string]>([
    [{ type: "dir", path: "/tank" }, "It is dir at /tank; declared is zfspool at rpool/data."],
    [{ type: "zfspool", pool: "tank" }, "It is zfspool at tank; declared is zfspool at rpool/data."],
  ])("one elsewhere than declared is found: %o", ([config, text]) => {
    const found = { storage: "local-zfs", type: "zfspool", content: "images,rootdir", ...config };
    expect(checkStorage(localZfs, { config: found, onNodes: {}, managed: false })).toEqual({
      status: "problem",
      subject: "storage local-zfs",
      text,
      remedy: "Correct storage.local-zfs in config/homelab/storage.yaml.",
    });
  });
});

describe("storages to be made", () => {
  test("have a free ID", async ({ findingOn }) => {
    expect(await findingOn("storage nas")).toEqual({ status: "ok", subject: "storage nas", text: "Its ID is free." });
  });

  test("one that exists is an obstacle, unless it is ours", async ({ simulator, target, findingOn }) => {
    const nfs = { storage: "nas", type: "nfs", server: "10.10.0.20", export: "/volume1/proxmox", content: "backup" };
    await simulator.request("POST", "/storage", nfs);
    expect(await findingOn("storage nas")).toEqual({
      status: "problem",
      subject: "storage nas",
      text: "It exists already, and this stack has not made it: creating it would fail.",
      remedy:
        "If it is to be used as it is, write origin: installer. If nothing needs it, take it out of the configuration (its files stay):\n  pvesm remove nas",
    });
    const { managed } = target;
    if (managed === undefined) throw new Error("The target has a state.");
    expect(await findingOn("storage nas", { managed: { ...managed, storages: new Set(["nas"]) } })).toMatchObject({
      status: "ok",
      text: "It is there on pve-01 and pve-02.",
    });
  });
});

describe("space", () => {
  test("is enough for disks and images, also where storage and pool are still to be made", async ({ findings }) => {
    const space = (await findings()).filter(({ subject }) => subject.startsWith("space on "));
    expect(space.map(({ status, text }) => `${status}: ${text}`)).toEqual([
      "ok: 472 GiB for the disks of 5 guests, of 931.5 GiB that the pool fast will have.",
      expect.stringMatching(/^ok: 1\.1 GiB for 3 images, of 8\d\d\.\d GiB that are free on the system's disk\.$/),
      expect.stringMatching(/^ok: 1\.1 GiB for 3 images, of 4\d\d\.\d GiB that are free on the system's disk\.$/),
      expect.stringMatching(/^ok: 16 GiB for the disks of 2 guests, of 8\d\d\.\d GiB that are free\.$/),
      expect.stringMatching(/^ok: 178 GiB for the disks of 6 guests, of 4\d\d\.\d GiB that are free\.$/),
    ]);
  });

  test("too little for thin disks is a promise that may be kept", async ({ findingOn }) => {
    const finding = await findingOn("space on local-zfs of pve-02", { plan: withDisks(400) });
    expect(finding).toEqual({
      status: "warning",
      subject: "space on local-zfs of pve-02",
      text: expect.stringMatching(
        /^More is promised than there is: 962 GiB for the disks of 6 guests, of 4\d\d\.\d GiB that are free\. Disks take only what is written to them\.$/,
      ) as string,
      remedy: "Give guests smaller disks, or keep an eye on the pool: when it is full, all of its guests stand still.",
    });
  });

  test("too little for thick disks is a problem", async ({ findingOn }) => {
    const plan = withDisks(400);
    const storages = plan.storages.map((own) => (own.type === "zfspool" ? { ...own, thin: false } : own));
    expect(await findingOn("space on local-zfs of pve-02", { plan: { ...plan, storages } })).toEqual({
      status: "problem",
      subject: "space on local-zfs of pve-02",
      text: expect.stringMatching(
        /^There is not enough: 962 GiB for the disks of 6 guests, of 4\d\d\.\d GiB that are free\.$/,
      ) as string,
      remedy: "Give guests smaller disks, or put some on another storage or node.",
    });
  });

  test("a mirror has the space of its smaller disk", async ({ simulator, findingOn }) => {
    simulator.change(({ nodes }) => {
      const disks = nodes["pve-01"]?.disks;
      const spare = disks?.["/dev/nvme1n1"];
      if (disks === undefined || spare === undefined) throw new Error("The node has a second disk.");
      disks["/dev/nvme2n1"] = { ...spare, serial: "SMALLER-1", wwn: "eui.1111", size: 100 * gib };
    });
    const id = "/dev/disk/by-id/nvme-Samsung_SSD_9100_PRO_1TB_SMALLER-1";
    const nodes = shipped.nodes.map((node) => ({
      ...node,
      pools: node.pools.map((pool) =>
        pool.pool === "fast" ? { ...pool, raidLevel: "mirror" as const, devices: [...pool.devices, id] } : pool,
      ),
    }));
    expect(await findingOn("space on fast of pve-01", { plan: { ...shipped, nodes } })).toMatchObject({
      status: "warning",
      text: "More is promised than there is: 472 GiB for the disks of 5 guests, of 100 GiB that the pool fast will have. Disks take only what is written to them.",
    });
  });

  test("what is there already is not counted twice", async ({ simulator, findings }) => {
    const grafana = named(shipped.containers, "grafana");
    await simulator.request("POST", "/nodes/pve-01/lxc", {
      vmid: String(grafana.vmid),
      ostemplate: "local:vztmpl/debian-13-standard_13.1-2_amd64.tar.zst",
      rootfs: "local-zfs:8",
    });
    expect((await findings()).find(({ subject }) => subject === "space on local-zfs of pve-01")?.text).toMatch(
      /^8 GiB for the disks of 1 guest, of /,
    );
  });
});

describe("images", () => {
  const subject = "image talos for pve-01";

  test("are looked for by the node itself", async ({ simulator, findingOn }) => {
    expect(await findingOn(subject)).toMatchObject({ status: "ok", text: "The node finds it: 390 MiB." });
    const asked = simulator.requests.filter(({ path }) => path.endsWith("/query-url-metadata"));
    expect(asked.map(({ path }) => path).sort()).toEqual(
      shipped.images.map(({ node }) => `/nodes/${node}/query-url-metadata`).sort(),
    );
  });

  test("one that the node does not get is a problem", async ({ findingOn }) => {
    const url = "https://factory.invalid/talos.qcow2";
    const images = shipped.images.map((image) => (image.image === "talos" ? { ...image, url } : image));
    expect(await findingOn(subject, { plan: { ...shipped, images } })).toEqual({
      status: "problem",
      subject,
      text: `The node does not get ${url}: invalid server response: '500 Can't connect to factory.invalid:443 (Name or service not known)'.`,
      remedy: `If the address is right, look whether pve-01 resolves names and reaches the internet:\n  curl -I ${url}`,
    });
  });

  test("one that is there is not looked for", async ({ simulator, findings }) => {
    const images = shipped.images.map((image) =>
      image.kind === "containerTemplate"
        ? { ...image, storage: "local", volumeId: `local:vztmpl/${image.fileName}` }
        : image,
    );
    const found = await findings({ plan: { ...shipped, images } });
    expect(found).toContainEqual({
      status: "ok",
      subject: "image debian-13-container for pve-01",
      text: "The node has it already.",
    });
    expect(simulator.requests.filter(({ path }) => path.endsWith("/query-url-metadata"))).toHaveLength(
      shipped.images.filter(({ kind }) => kind !== "containerTemplate").length,
    );
  });
});

describe("settings", () => {
  test("a secret that the inventory names has to be there", async ({ findingOn }) => {
    const subject = "setting hetznerPassword";
    expect(await findingOn(subject)).toEqual({ status: "ok", subject, text: "The stack has it, encrypted." });
    expect(await findingOn(subject, { secrets: new Set() })).toEqual({
      status: "problem",
      subject,
      text: "The stack lacks it: storage.hetzner logs in to u123456.your-storagebox.de with it.",
      remedy:
        "Set it, typed in and not shown:\n  npm run pulumi -- config set --secret --stack homelab hetznerPassword",
    });
  });
});
