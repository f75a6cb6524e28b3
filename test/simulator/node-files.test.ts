import { describe, expect } from "vitest";
import { switchOn } from "../../simulator/src/node/power.ts";
import { callEndpoint } from "../../simulator/src/perform.ts";
import { nodeMachine } from "../../simulator/src/node-commands/node-machine.ts";
import type { World } from "../../simulator/src/world.ts";
import { test } from "./machine-test.ts";

const template = "local:vztmpl/debian-13-standard_13.1-2_amd64.tar.zst";

function volumes(world: World, storage = "local", node = "pve-01") {
  return callEndpoint(world, "GET /nodes/{node}/storage/{storage}/content", { node, storage }) as { volid: string }[];
}

describe("the folder of a storage", () => {
  test("has its volumes as files", async ({ out }) => {
    expect(
      await out("ls /var/lib/vz /var/lib/vz/template/cache; stat -c %s /var/lib/vz/template/cache/debian-13*"),
    ).toBe(
      [
        "/var/lib/vz:",
        ...["dump", "images", "import", "private", "snippets", "template"],
        "/var/lib/vz/template/cache:",
        ...["debian-12-standard_12.12-1_amd64.tar.zst", "debian-13-standard_13.1-2_amd64.tar.zst"],
        "129000000\n",
      ].join("\n"),
    );
  });

  test.for([
    ["snippets/user.yaml", "snippets/user.yaml", "snippet", "snippets"],
    ["template/iso/debian.iso", "iso/debian.iso", "iso", "iso"],
    ["template/iso/cloud.IMG", "iso/cloud.IMG", "iso", "iso"],
    ["template/cache/own.tar.gz", "vztmpl/own.tar.gz", "tgz", "vztmpl"],
    ["import/disk.qcow2", "import/disk.qcow2", "qcow2", "import"],
    [
      "dump/vzdump-lxc-101-2026_01_01-00_00_00.tar.zst",
      "backup/vzdump-lxc-101-2026_01_01-00_00_00.tar.zst",
      "tar.zst",
      "backup",
    ],
    ["images/100/vm-100-disk-0.qcow2", "100/vm-100-disk-0.qcow2", "qcow2", "images"],
  ] as const)("takes %s as a volume", async ([path, name, format, content], { world, out }) => {
    await out(`mkdir -p $(dirname /var/lib/vz/${path}); echo data > /var/lib/vz/${path}`);
    expect(volumes(world)).toContainEqual(
      expect.objectContaining({ volid: `local:${name}`, format, content, size: 5 }),
    );
    expect(await out(`cat /var/lib/vz/${path}; rm /var/lib/vz/${path}`)).toBe("data\n");
    expect(volumes(world).map(({ volid }) => volid)).not.toContain(`local:${name}`);
  });

  test.for(["template/iso/readme.txt", "snippets/folder/file", "notes", "images/100/readme.txt"] as const)(
    "%s is a file, but no volume",
    async (path, { world, out }) => {
      const before = volumes(world).length;
      expect(
        await out(`cd /var/lib/vz; mkdir -p $(dirname ${path}); echo x > ${path}; cat ${path}; ls $(dirname ${path})`),
      ).toContain("x\n");
      expect(volumes(world)).toHaveLength(before);
    },
  );

  test("keeps mode and time of a volume's file", async ({ out }) => {
    expect(
      await out(
        "cd /var/lib/vz/snippets; echo a > s; chmod 600 s; echo b >> s; stat -c %a s; mv s t; stat -c %a t; cat t",
      ),
    ).toBe("600\n600\na\nb\n");
  });

  test("what the API removes is gone", async ({ world, sh }) => {
    callEndpoint(world, "DELETE /nodes/{node}/storage/{storage}/content/{volume}", {
      node: "pve-01",
      storage: "local",
      volume: template,
    });
    expect(await sh(`ls /var/lib/vz/${template.replace("local:vztmpl", "template/cache")}`)).toMatchObject({ code: 2 });
  });

  test("a file larger than what is kept has its size, and refuses to be read", async ({ world, machine, sh }) => {
    machine.files.write("/var/lib/vz/template/iso/big.iso", Buffer.alloc(9 * 2 ** 20));
    expect(volumes(world)).toContainEqual(expect.objectContaining({ volid: "local:iso/big.iso", size: 9 * 2 ** 20 }));
    expect(await sh("sha256sum /var/lib/vz/template/iso/big.iso")).toEqual({
      code: 1,
      out: "",
      err: "sha256sum: /var/lib/vz/template/iso/big.iso: Input/output error (the simulator does not keep what is in this file)\n",
    });
  });

  test("a storage of the network is at /mnt/pve, the same on all nodes, and gone while it is offline", async ({
    world,
    out,
    sh,
  }) => {
    callEndpoint(world, "POST /storage", {
      storage: "nas",
      type: "nfs",
      server: "10.10.0.2",
      export: "/x",
      content: "iso,snippets",
    });
    await out("echo a > /mnt/pve/nas/snippets/s");
    const other = nodeMachine(world, "pve-02", "");
    expect(other.files.read("/mnt/pve/nas/snippets/s").toString()).toBe("a\n");
    world.transaction(() => {
      world.state.storages["nas"]?.offline.push("pve-01");
    });
    expect(await sh("ls /mnt/pve/nas/snippets/s")).toMatchObject({ code: 2 });
    expect(other.files.exists("/mnt/pve/nas/snippets/s")).toBe(true);
  });
});

describe("/etc/pve", () => {
  test("has the configuration as text", async ({ world, out }) => {
    callEndpoint(world, "POST /access/groups", { groupid: "admins", comment: "those" });
    callEndpoint(world, "POST /access/users", { userid: "ann@pve", groups: "admins", email: "ann@example.com" });
    callEndpoint(world, "POST /access/roles", { roleid: "Watcher", privs: "VM.Audit Sys.Audit" });
    callEndpoint(world, "PUT /access/acl", { path: "/vms", groups: "admins", roles: "Watcher" });
    callEndpoint(world, "POST /cluster/firewall/rules", {
      type: "in",
      action: "ACCEPT",
      macro: "SSH",
      source: "10.0.0.0/8",
      comment: "admins",
      enable: "1",
    });
    expect(await out("cat /etc/pve/storage.cfg")).toBe(
      "dir: local\n\tpath /var/lib/vz\n\tcontent backup,iso,vztmpl\n\nzfspool: local-zfs\n\tcontent images,rootdir\n\tpool rpool/data\n\tsparse 1\n\n",
    );
    const users = await out("cat /etc/pve/user.cfg");
    expect(users).toContain("user:root@pam:1:0:::root@example.com:::\n");
    expect(users).toContain("user:ann@pve:1:0:::ann@example.com:::\n");
    expect(users).toContain("group:admins:ann@pve:those:\n");
    expect(users).toMatch(/role:Watcher:(?:VM.Audit,Sys.Audit|Sys.Audit,VM.Audit):\n/);
    expect(users).toContain("acl:1:/vms:@admins:Watcher:\n");
    expect(await out("cat /etc/pve/firewall/cluster.fw")).toBe(
      "[RULES]\n\nIN SSH(ACCEPT) -source 10.0.0.0/8 # admins\n\n",
    );
    expect(await out("cat /etc/pve/datacenter.cfg /etc/pve/pve-root-ca.pem")).toBe(
      "keyboard: en-us\n-----BEGIN CERTIFICATE-----\n",
    );
    expect(await out("cat /etc/pve/corosync.conf")).toContain("    ring0_addr: 10.10.0.12\n");
  });

  test("links to the node's own folders", async ({ out }) => {
    expect(await out("readlink /etc/pve/local /etc/pve/lxc; ls /etc/pve/nodes /etc/pve/nodes/pve-02")).toBe(
      "nodes/pve-01\nnodes/pve-01/lxc\n/etc/pve/nodes:\npve-01\npve-02\n/etc/pve/nodes/pve-02:\nlxc\nopenvz\npriv\nqemu-server\n",
    );
  });

  test("takes lxc.idmap, as the provider writes it", async ({ world, out }) => {
    await out(`pct create 101 ${template} --rootfs local-zfs:8 --hostname web --description 'first line
second: 50% ü'`);
    const path = "/etc/pve/lxc/101.conf";
    expect((await out(`cat ${path}`)).split("\n").slice(0, 3)).toEqual([
      "#first line",
      "#second%3A 50%25 %C3%BC",
      "arch: amd64",
    ]);
    await out(
      `sed -i '/^lxc\\.idmap:/d' ${path}; echo 'lxc.idmap: u 0 100000 1000\nlxc.idmap: g 0 100000 1000' | tee -a ${path} > /dev/null`,
    );
    expect(world.state.guests[101]?.config["lxc"]).toBe("lxc.idmap: u 0 100000 1000\nlxc.idmap: g 0 100000 1000");
    expect(world.state.guests[101]?.config["description"]).toBe("first line\nsecond: 50% ü\n");
    expect(
      (await out(`grep lxc.idmap ${path}; sed -i '/^lxc\\.idmap:/d' ${path}; tail -1 ${path}`)).split("\n"),
    ).toEqual(["lxc.idmap: u 0 100000 1000", "lxc.idmap: g 0 100000 1000", "unprivileged: 1", ""]);
  });

  test.for([
    ["echo x > /etc/pve/storage.cfg", "sh: 1: /etc/pve/storage.cfg: Permission denied"],
    ["touch /etc/pve/new", "touch: /etc/pve/new: Permission denied"],
    ["mkdir /etc/pve/own", "mkdir: /etc/pve/own: Permission denied"],
    ["rm /etc/pve/user.cfg", "rm: /etc/pve/user.cfg: Permission denied"],
    ["chmod 777 /etc/pve/user.cfg", "chmod: /etc/pve/user.cfg: Operation not permitted"],
    ["echo x > /etc/hostname", "sh: 1: /etc/hostname: Permission denied"],
  ] as const)("%s is refused", async ([script, message], { sh }) => {
    const { code, err } = await sh(script);
    expect(code).toBe(1);
    expect(err).toContain(message);
  });
});

describe("/etc", () => {
  test("is what the state says", async ({ world, out }) => {
    expect(await out("cat /etc/hostname /etc/timezone /etc/resolv.conf")).toBe(
      "pve-01\nEurope/Berlin\nsearch home.arpa\nnameserver 10.10.0.1\n",
    );
    expect(await out("cat /etc/network/interfaces")).toContain("iface vmbr0 inet static\n\taddress 10.10.0.11/24\n");
    await out("echo '10.10.0.9 nas' >> /etc/hosts");
    expect(world.node("pve-01").hosts).toMatch(/ localhost\n.*pve-01\n10\.10\.0\.9 nas\n$/);
    expect(callEndpoint(world, "GET /nodes/{node}/hosts", { node: "pve-01" })).toMatchObject({
      data: world.node("pve-01").hosts,
    });
  });

  test("other files are kept with mode and owner", async ({ world, out }) => {
    await out("echo 'net.ipv4.ip_forward=1' > /etc/sysctl.d/99.conf; chmod 600 /etc/sysctl.d/99.conf");
    expect(world.node("pve-01").files["/etc/sysctl.d/99.conf"]).toEqual({
      kind: "file",
      mode: 0o600,
      uid: 0,
      gid: 0,
      content: Buffer.from("net.ipv4.ip_forward=1\n").toString("base64"),
      mtime: expect.any(Number) as number,
    });
    expect(world.node("pve-02").files["/etc/sysctl.d/99.conf"]).toBeUndefined();
  });

  test("a failing command leaves nothing of itself", async ({ world, sh }) => {
    const before = world.state;
    expect(await sh("cp /etc/hosts /no/such/place")).toMatchObject({ code: 1 });
    expect(world.state).toBe(before);
  });
});

describe("what belongs to ZFS", () => {
  test("timers of pools are instances of templates", async ({ world, out, sh }) => {
    await out("systemctl enable --now zfs-scrub-monthly@rpool.timer");
    expect(await out("systemctl is-enabled zfs-scrub-monthly@rpool.timer; systemctl list-timers --no-legend")).toMatch(
      /^enabled\n[^]*zfs-scrub-monthly@rpool\.timer +zfs-scrub@rpool\.service\n/,
    );
    expect(world.node("pve-01").services["zfs-scrub-monthly@rpool.timer"]).toBe("running");
    expect(await sh("systemctl enable zfs-scrub-daily@rpool.timer")).toMatchObject({
      code: 1,
      err: "Failed to enable unit: Unit zfs-scrub-daily@rpool.timer does not exist\n",
    });
  });

  test("the limit of the cache counts at once, and after a boot what modprobe is told", async ({ world, out, sh }) => {
    const limit = "/sys/module/zfs/parameters/zfs_arc_max";
    expect(await out(`cat ${limit}; echo 1073741824 > ${limit}; cat ${limit}`)).toBe("0\n1073741824\n");
    expect((await sh(`echo much > ${limit}`)).code).toBe(1);
    await out("echo 'options zfs zfs_arc_max=2147483648' > /etc/modprobe.d/zfs.conf; update-initramfs -u");
    expect(await out(`proxmox-boot-tool refresh; cat ${limit}`)).toBe("1073741824\n");
    switchOn(world, "pve-01");
    expect(await out(`cat ${limit}`)).toBe("2147483648\n");
  });
});
