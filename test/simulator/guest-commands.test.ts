import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { findProgram } from "../../scripts/find-program.ts";
import { Incidents } from "../../simulator/src/incidents.ts";
import { replaceDisk } from "../../simulator/src/node/disk-failure.ts";
import { test as base } from "./machine-test.ts";

const template = "local:vztmpl/debian-13-standard_13.1-2_amd64.tar.zst";

/** A test with a container that runs. */
const test = base.extend<{ readonly container: (script: string, input?: string) => Promise<string> }>({
  container: async ({ out }, use) => {
    await out(`pct create 101 ${template} --rootfs local-zfs:8 --hostname web --start 1`);
    await use((script, input) => out(`pct exec 101 -- sh -c '${script.replaceAll("'", `'\\''`)}'`, input));
  },
});

describe("pct", () => {
  test("list, status and config say what the API says", async ({ out, container }) => {
    await container("true");
    expect(await out("pct list")).toBe(
      "VMID       Status     Lock         Name                \n101        running                 web                 \n",
    );
    expect(await out("pct status 101")).toBe("status: running\n");
    expect(await out("pct config 101")).toContain("hostname: web\nmemory: 512\n");
  });

  test("start and stop wait for their tasks", async ({ world, out, sh, container }) => {
    await container("true");
    await out("pct stop 101");
    expect(world.state.guests[101]?.status).toBe("stopped");
    expect(await sh("pct exec 101 -- true")).toMatchObject({ code: 255, err: "container '101' not running!\n" });
    await out("pct start 101");
    expect(await sh("pct start 101")).toMatchObject({ code: 255, err: "CT 101 already running\n" });
  });

  test("set changes the configuration, and refuses as the API does", async ({ world, out, sh, container }) => {
    await container("true");
    await out("pct set 101 --memory 1024 -onboot 1");
    expect(world.state.guests[101]?.config).toMatchObject({ memory: "1024", onboot: "1" });
    expect(await sh("pct set 101 --memory lots")).toMatchObject({
      code: 255,
      err: "400 Parameter verification failed.\nmemory: type check ('integer') failed - got 'lots'\n",
    });
    expect(await sh("pct set 101 --nonsense 1")).toMatchObject({
      code: 255,
      err: "400 unable to parse option: Unknown option: nonsense\n",
    });
    expect(await sh("pct start")).toMatchObject({ code: 255, err: "400 not enough arguments\n" });
    expect(await sh("pct status 999")).toMatchObject({
      code: 255,
      err: "Configuration file 'nodes/pve-01/lxc/999.conf' does not exist\n",
    });
  });

  test("exec gives input, output and exit status through", async ({ sh, container }) => {
    await container("true");
    expect(await sh("pct exec 101 -- sh -c 'cat; echo err >&2; exit 7'", "in")).toEqual({
      code: 7,
      out: "in",
      err: "err\n",
    });
    expect(await sh("pct exec 101 -- hostname; pct exec 101 pwd")).toMatchObject({ out: "web\n/\n" });
    expect(await sh("pct exec 101 -- nonsense")).toMatchObject({
      code: 127,
      err: "sh: 1: nonsense: the simulator does not know this command\n",
    });
  });

  test("push and pull copy files with their modes", async ({ out, sh, container }) => {
    await out("echo config > c; chmod 600 c");
    await container("mkdir -p /etc/app");
    await out("pct push 101 c /etc/app/c; pct push 101 c /etc/app/d --perms 644 --user 33 --group 33");
    expect(await container("stat -c '%a %u %n' /etc/app/c /etc/app/d; cat /etc/app/c")).toBe(
      "600 0 /etc/app/c\n644 33 /etc/app/d\nconfig\n",
    );
    await out('pct pull 101 /etc/app/d back; cmp() { [ "$(cat $1)" = "$(cat $2)" ]; }; cmp c back');
    expect(await sh("pct push 101 none /x")).toMatchObject({ code: 255 });
    await out("pct stop 101");
    expect(await sh("pct push 101 c /x")).toMatchObject({ code: 255, err: "can only push files to a running CT\n" });
  });

  test("guests are not nodes: pct is not known inside", async ({ container }) => {
    await expect(container("pct list")).rejects.toThrow("pct: the simulator does not know this command");
  });
});

describe("apt-get", () => {
  test("installs packages with their services, and removes both", async ({ world, container }) => {
    expect(await container("apt-get update -qq && apt-get install -y -qq --no-install-recommends nginx curl")).toBe("");
    const inside = () => world.state.guests[101]?.inside;
    expect(inside()?.packages).toMatchObject({ nginx: "1.26.3-3+deb13u1", curl: "8.14.1-2" });
    expect(inside()?.services["nginx"]).toEqual({ enabled: true, active: true });
    await container("DEBIAN_FRONTEND=noninteractive apt-get -o Dpkg::Use-Pty=0 remove -y nginx");
    expect(inside()?.packages["nginx"]).toBeUndefined();
    expect(inside()?.services["nginx"]).toBeUndefined();
  });

  test("says so where a package is there already, unknown, or asks without an answer", async ({ container }) => {
    await container("apt-get install -y jq");
    expect(await container("apt-get install -y jq")).toContain("jq is already the newest version");
    await expect(container("apt-get install -y nginxx")).rejects.toThrow("100: E: Unable to locate package nginxx");
    await expect(container("apt-get install htop")).rejects.toThrow("ended with 1");
    expect(await container("apt-get install htop", "y\n")).toContain("Setting up htop");
  });

  test("takes other repositories' packages once they are among the sources", async ({ container }) => {
    await expect(container("apt-get install -y grafana")).rejects.toThrow("Unable to locate package grafana");
    await container(
      `mkdir -p /etc/apt/keyrings; apt-get install -y curl
curl -fsSL -o /etc/apt/keyrings/grafana.asc https://apt.grafana.com/gpg.key
echo 'deb [signed-by=/etc/apt/keyrings/grafana.asc] https://apt.grafana.com stable main' > /etc/apt/sources.list.d/grafana.list`,
    );
    await expect(container("apt-get install -y grafana")).rejects.toThrow("Unable to locate package grafana");
    await container(
      "apt-get update; apt-get install -y grafana; chown grafana:grafana /etc/apt/sources.list.d/grafana.list",
    );
    expect(await container("systemctl is-active grafana-server; id -un grafana")).toBe("active\ngrafana\n");
  });

  test("works on the node, too", async ({ world, out }) => {
    await out("apt-get install -y htop");
    expect(world.node("pve-01").packages).toEqual({ htop: "3.4.1-5" });
    expect(await out("dpkg-query -W -f='${Status} ${Version}' htop")).toBe("install ok installed 3.4.1-5");
    expect(await out("dpkg -s pve-manager | grep ^Status")).toBe("Status: install ok installed\n");
  });
});

describe("apt's pins", () => {
  const pin = (version: string) =>
    `printf 'Package: grafana\\nPin: version ${version}\\nPin-Priority: 1001\\n' > /etc/apt/preferences.d/grafana.pref`;
  const repository = `mkdir -p /etc/apt/keyrings /etc/apt/preferences.d
apt-get -qq install -y --no-install-recommends ca-certificates curl gpg
curl -fsSL --retry 3 -o /etc/apt/keyrings/grafana.asc https://apt.grafana.com/gpg.key
cat > /etc/apt/sources.list.d/grafana.sources <<END
Types: deb
URIs: https://apt.grafana.com
Suites: stable
Components: main
Signed-By: /etc/apt/keyrings/grafana.asc
END
apt-get -qq update`;
  const installed = "dpkg-query -W -f '${Version}' grafana";

  test("are of no use where another key than the required one has signed", async ({ container }) => {
    const required = (fingerprint: string) =>
      container(
        `${repository.replace("\napt-get -qq update", "")}\nsed -i 's/^\\(Signed-By: .*asc\\).*/\\1 ${fingerprint}/' /etc/apt/sources.list.d/grafana.sources; apt-get -qq update`,
      );
    await expect(required("24C975CBA61A024EE1B631787C3D57159FC2F927")).rejects.toThrow(
      "No good signature from required signer: 24C975CBA61A024EE1B631787C3D57159FC2F927",
    );
    await required("B53AE77BADB630A683046005963FA27710458545");
  });

  test("choose among versions, and move to another one when they change", async ({ container }) => {
    await container(`${repository}; ${pin("12.1.0*")}; apt-get -qq install -y --allow-downgrades grafana`);
    expect(await container(installed)).toBe("12.1.0");
    await container(`${pin("12.1*")}; apt-get -qq install -y --allow-downgrades grafana`);
    expect(await container(installed)).toBe("12.1.1");
    await container(`${pin("12.0*")}; apt-get -qq install -y --allow-downgrades grafana`);
    expect(await container(`${installed}; echo; apt-cache policy grafana | head -3`)).toBe(
      "12.0.2\ngrafana:\n  Installed: 12.0.2\n  Candidate: 12.0.2\n",
    );
    await container(`${pin("9.9*")}; apt-get -qq install -y --allow-downgrades grafana`);
    expect(await container(installed)).toBe("13.2.3");
  });

  test("take a package back only where that is allowed, and never one that is held", async ({ container }) => {
    await container(`${repository}; apt-get -qq install -y grafana; ${pin("12.0*")}`);
    await expect(container("apt-get -qq install -y grafana")).rejects.toThrow(
      "100: E: Packages were downgraded and -y was used without --allow-downgrades.",
    );
    expect(await container("apt-mark hold grafana; apt-mark showhold")).toBe("grafana set on hold.\ngrafana\n");
    await expect(container("apt-get -qq install -y --allow-downgrades grafana")).rejects.toThrow(
      "100: E: Held packages were changed and -y was used without --allow-change-held-packages.",
    );
    expect(await container("dpkg-query -W -f '${Status}' grafana")).toBe("hold ok installed");
    expect(await container("apt-mark unhold grafana; apt-mark showhold")).toBe("Canceled hold on grafana.\n");
  });

  test("can be written on the command line, and have to be readable", async ({ container }) => {
    await container(repository);
    await container("apt-get -qq install -y 'grafana=12.1*'");
    expect(await container(installed)).toBe("12.1.1");
    await expect(container("apt-get -qq install -y grafana=9")).rejects.toThrow(
      "100: E: Version '9' for 'grafana' was not found",
    );
    await container("printf 'Package: grafana\\nPin: version 12\\n' > /etc/apt/preferences.d/grafana.pref");
    await expect(container("apt-get install -y grafana")).rejects.toThrow(
      "100: E: No priority (or zero) specified for pin",
    );
  });

  test.for([
    ["is missing", "rm /etc/apt/keyrings/grafana.asc"],
    [
      "is another one",
      "curl -fsSL -o /etc/apt/keyrings/grafana.asc https://repos.influxdata.com/influxdata-archive.key",
    ],
  ] as const)("do not help where the repository's key %s", async ([, change], { container }) => {
    await container(`${repository}; ${change}`);
    await expect(container("apt-get -qq update")).rejects.toThrow(
      "100: W: OpenPGP signature verification failed: https://apt.grafana.com stable InRelease: Sub-process /usr/bin/sqv returned an error code (1), error message is: Missing key B53AE77BADB630A683046005963FA27710458545, which is needed to verify signature.\nE: The repository 'https://apt.grafana.com stable InRelease' is not signed.",
    );
  });

  test("leave alone what somebody has written where a package has a file, and give its users theirs", async ({
    container,
  }) => {
    await container(`${repository}; mkdir /etc/grafana; echo mine > /etc/grafana/grafana.ini`);
    await container("apt-get -qq install -y grafana");
    expect(await container("cat /etc/grafana/grafana.ini; stat -c '%a %U:%G' /var/lib/grafana; id -gn grafana")).toBe(
      "mine\n755 grafana:grafana\ngrafana\n",
    );
    await container(
      "systemctl disable --now grafana-server; apt-get -qq install -y 'grafana=12.1*' --allow-downgrades",
    );
    await expect(container("systemctl is-active grafana-server")).rejects.toThrow("ended with 3");
  });
});

describe("curl and gpg", () => {
  const getCurl = "apt-get -qq update; apt-get -qq install -y curl; ";

  test("curl is there once it is installed", async ({ container }) => {
    await expect(container("curl -fs https://apt.grafana.com/gpg.key")).rejects.toThrow(
      "ended with 127: sh: 1: curl: not found",
    );
    await container(`${getCurl}curl -fs https://apt.grafana.com/gpg.key`);
  });

  test("show the fingerprint of a published key", async ({ container }) => {
    await container(`${getCurl}curl -fsSL -o key https://packages.gitlab.com/gitlab/gitlab-ce/gpgkey`);
    expect(await container("gpg --show-keys --with-colons key | grep ^fpr")).toBe(
      "fpr:::::::::F6403F6544A38863DAA0B6E03F01618A51312F3F:\n",
    );
    expect(await container("gpg --dearmor < key | gpg --show-keys --with-colons | grep -c ^fpr")).toBe("1\n");
  });

  test.for([
    [`${getCurl}curl -fsSL -o x https://example.org/x`, "ended with 6: curl: (6) Could not resolve host: example.org"],
    [
      `${getCurl}curl -fsSL -o x https://apt.grafana.com/x`,
      "ended with 22: curl: (22) The requested URL returned error: 404",
    ],
    [`${getCurl}curl -fs https://apt.grafana.com/x`, "ended with 22: "],
    ["echo junk > x; gpg --show-keys --with-colons x", "ended with 2: gpg: no valid OpenPGP data found."],
    ["gpg --show-keys none", "ended with 2: gpg: can't open 'none': No such file or directory"],
  ] as const)("%s fails", async ([script, message], { container }) => {
    await expect(container(script)).rejects.toThrow(message);
  });

  const gnupg = findProgram("gpg");
  test.skipIf(gnupg === undefined)("read real keys as GnuPG does", async ({ container }) => {
    const home = mkdtempSync(join(tmpdir(), "gpg-"));
    const gpg = (...args: string[]) =>
      execFileSync(gnupg ?? "", ["--homedir", home, "--batch", "-q", ...args], { encoding: "utf8", stdio: "pipe" });
    try {
      gpg("--passphrase", "", "--quick-gen-key", "Test <test@example.org>", "ed25519", "sign");
      const key = gpg("--armor", "--export");
      const expected = gpg("--list-keys", "--with-colons")
        .split("\n")
        .find((line) => line.startsWith("fpr:"));
      await container("cat > key", key);
      expect(await container("gpg --show-keys --with-colons key | grep ^fpr")).toBe(`${expected ?? ""}\n`);
      expect(await container("gpg --dearmor -o key.gpg key; gpg --show-keys --with-colons key.gpg | grep ^fpr")).toBe(
        `${expected ?? ""}\n`,
      );
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  });
});

describe("dpkg", () => {
  test("knows what is installed", async ({ container }) => {
    expect(await container("dpkg -s apt | head -2; dpkg --print-architecture")).toBe(
      "Package: apt\nStatus: install ok installed\namd64\n",
    );
    expect(await container("dpkg -l apt | tail -1")).toMatch(/^ii {2}apt +\S+ +amd64/);
    await expect(container("dpkg -s nginx")).rejects.toThrow(
      "dpkg-query: package 'nginx' is not installed and no information is available",
    );
    await expect(container("dpkg -i x.deb")).rejects.toThrow("the simulator does not know the option '-i'");
  });
});

describe("systemctl", () => {
  test("enables and starts units whose files were written", async ({ world, container }) => {
    await container(
      "printf '[Service]\\nExecStart=/bin/true\\n[Install]\\nWantedBy=multi-user.target\\n' > /etc/systemd/system/own.service; systemctl daemon-reload",
    );
    await expect(container("systemctl is-active own")).rejects.toThrow("ended with 3");
    await container("systemctl enable --now own.service");
    expect(world.state.guests[101]?.inside.services["own"]).toEqual({ enabled: true, active: true });
    expect(await container("systemctl is-enabled own; systemctl status own | head -1")).toBe(
      "enabled\n● own.service\n",
    );
    await container("systemctl stop own; systemctl disable own");
    expect(world.state.guests[101]?.inside.services["own"]).toEqual({ enabled: false, active: false });
  });

  test.for([
    ["systemctl start none", "ended with 5: Failed to start none.service: Unit none.service not found."],
    ["systemctl enable none", "ended with 1: Failed to enable unit: Unit none.service does not exist"],
    ["systemctl status none", "ended with 4: Unit none.service could not be found."],
    ["systemctl is-active --quiet none", "ended with 4"],
    ["systemctl hibernate", "the simulator does not know 'systemctl hibernate'"],
  ] as const)("%s fails", async ([script, message], { container }) => {
    await expect(container(script)).rejects.toThrow(message);
  });

  test("reloads, and falls back to a restart where a unit can't", async ({ container }) => {
    await container("apt-get -qq install -y prometheus");
    await container("printf '[Service]\\nExecStart=/x\\n' > /etc/systemd/system/own.service; systemctl start own");
    expect(await container("systemctl show -p CanReload --value prometheus own")).toBe("yes\nno\n");
    await container("systemctl reload prometheus; systemctl reload-or-restart own");
    await expect(container("systemctl reload own")).rejects.toThrow(
      "1: Failed to reload own.service: Job type reload is not applicable for unit own.service.",
    );
    expect(await container("journalctl -u own -o cat --no-pager -n 4")).toBe(
      "Stopping own.service - own...\nown.service: Deactivated successfully.\nStopped own.service - own.\nStarted own.service - own.\n",
    );
    await container("mkdir /etc/systemd/system/own.service.d");
    await container("printf '[Service]\\nExecReload=/x\\n' > /etc/systemd/system/own.service.d/reload.conf");
    await container("systemctl daemon-reload; systemctl try-reload-or-restart own");
    expect(await container("journalctl -u own.service -o cat -n 1")).toBe("Reloaded own.service - own.\n");
    await container("systemctl stop prometheus; systemctl try-reload-or-restart prometheus");
    await expect(container("systemctl reload prometheus")).rejects.toThrow(
      "1: prometheus.service is not active, cannot reload.",
    );
  });

  test("says in the journal why a unit failed to reload or to start, until it works again", async ({
    world,
    container,
  }) => {
    const incidents = new Incidents(world);
    await container("apt-get -qq install -y prometheus");
    incidents.tell('unit prometheus in 101 fails to reload: err="couldn\'t load configuration"');
    await expect(container("systemctl reload prometheus")).rejects.toThrow(
      'ended with 1: Job for prometheus.service failed because the control process exited with error code.\nSee "systemctl status prometheus.service" and "journalctl -xeu prometheus.service" for details.\n',
    );
    expect(await container("journalctl -u prometheus -n 3 --no-pager -o cat; systemctl is-active prometheus")).toBe(
      'err="couldn\'t load configuration"\nprometheus.service: Control process exited, code=exited, status=1/FAILURE\nReload failed for prometheus.service - prometheus.\nactive\n',
    );
    incidents.changeUnit(101, "prometheus.service", { verb: "start", message: "no space left on device" });
    await expect(container("systemctl restart prometheus")).rejects.toThrow("ended with 1: Job for prometheus.service");
    expect(await container("systemctl is-failed prometheus; systemctl status prometheus | tail -1")).toBe(
      "failed\n     Active: failed (Result: exit-code)\n",
    );
    expect(await container("journalctl -u prometheus -o cat | grep -c 'no space left'")).toBe("1\n");
    incidents.tell("unit prometheus in 101 works");
    await container("systemctl restart prometheus; systemctl is-active --quiet prometheus");
    incidents.tell("unit prometheus in 101 stopped");
    await expect(container("systemctl is-active prometheus")).rejects.toThrow("ended with 3");
    for (const line of ["unit x in 101 fails", "unit x at 101 works", "unit x in 101 fails to start:"])
      expect(() => {
        incidents.tell(line);
      }).toThrow(`"${line}" is not an incident.`);
    expect(() => {
      incidents.tell("unit none in 101 stopped");
    }).toThrow('There is no unit "none" in guest 101.');
    expect(() => {
      incidents.tell("unit none in 999 works");
    }).toThrow("There is no guest 999.");
  });

  test("on the node shows what the API shows", async ({ world, out }) => {
    await out("systemctl stop chrony; systemctl disable --now ksmtuned");
    expect(world.node("pve-01").services).toMatchObject({ chrony: "stopped", ksmtuned: "stopped" });
    expect(await out("systemctl is-enabled chrony; systemctl is-enabled ksmtuned || true")).toBe("enabled\ndisabled\n");
  });
});

describe("the other commands of Proxmox", () => {
  test("pvesm", async ({ out, sh }) => {
    const [heading = "", ...rows] = (await out("pvesm status")).trimEnd().split("\n");
    expect(heading).toMatch(/^Name +Type +Status +Total \(KiB\) +Used \(KiB\) Available \(KiB\) +%$/);
    expect(rows).toEqual([
      expect.stringMatching(/^local +dir +active +\d+ +\d+ +\d+ +\d\.\d\d%$/) as string,
      expect.stringMatching(/^local-zfs +zfspool +active +\d+ +\d+ +\d+ +\d\.\d\d%$/) as string,
    ]);
    expect(await out(`pvesm path ${template}`)).toBe(
      "/var/lib/vz/template/cache/debian-13-standard_13.1-2_amd64.tar.zst\n",
    );
    expect(await out("pvesm list local")).toMatch(
      /^Volid +Format +Type +Size VMID\nlocal:vztmpl\/debian-12\S+ tzst +vztmpl +129000000\n/,
    );
    expect(await sh("pvesm path local:iso/none.iso")).toMatchObject({
      code: 255,
      err: "volume 'local:iso/none.iso' does not exist\n",
    });
    await out("pvesm add dir extra --path /srv/extra --content snippets; pvesm set extra --content iso,snippets");
    expect(await out("cat /etc/pve/storage.cfg")).toContain("dir: extra\n\tpath /srv/extra\n\tcontent iso,snippets\n");
    await out(`pvesm free ${template}; pvesm remove extra`);
    expect(await out("pvesm list local")).not.toContain("debian-13");
  });

  test("pvesh", async ({ out, sh }) => {
    expect(JSON.parse(await out("pvesh get /nodes/pve-01/dns --output-format json"))).toEqual({
      search: "home.arpa",
      dns1: "10.10.0.1",
    });
    await out("pvesh create /pools --poolid web; pvesh set /pools/web --comment 'the web'");
    expect(JSON.parse(await out("pvesh get /pools --output-format json"))).toEqual([
      { comment: "the web", poolid: "web" },
    ]);
    expect(await out("pvesh get /pools")).toBe(
      "┌─────────┬────────┐\n│ comment │ poolid │\n╞═════════╪════════╡\n│ the web │ web    │\n└─────────┴────────┘\n",
    );
    expect(await sh("pvesh get /none")).toMatchObject({ code: 255, err: "No 'get' handler defined for '/none'\n" });
  });

  test("pveum", async ({ world, out, sh }) => {
    await out("pveum role add Provider --privs 'VM.Audit VM.Allocate'; pveum user add pulumi@pve --comment automation");
    await out("pveum acl modify / --roles Provider --users pulumi@pve");
    const token = JSON.parse(
      await out("pveum user token add pulumi@pve homelab --privsep 0 --output-format json"),
    ) as Record<string, unknown>;
    expect(token).toEqual({
      "full-tokenid": "pulumi@pve!homelab",
      info: { privsep: 0 },
      value: world.state.access.users["pulumi@pve"]?.tokens["homelab"]?.secret,
    });
    expect(world.state.access.acl).toEqual([
      { path: "/", type: "user", ugid: "pulumi@pve", roleid: "Provider", propagate: true },
    ]);
    await out("pveum aclmod /vms -user pulumi@pve -role PVEAuditor; pveum useradd ann@pve");
    expect(world.state.access.acl).toHaveLength(2);
    expect(await out("pveum user list")).toMatch(/│ ann@pve +│/);
    expect(await sh("pveum user add pulumi@pve")).toMatchObject({
      code: 255,
      err: expect.stringContaining("user 'pulumi@pve' already exists") as string,
    });
    await out("pveum user token remove pulumi@pve homelab; pveum acl delete / --roles Provider --users pulumi@pve");
    expect(world.state.access.acl).toHaveLength(1);
  });

  test("zpool and zfs", async ({ world, out, sh }) => {
    expect(await out("zpool list -H -o name,health; zpool get -H -o value autotrim rpool; zpool status -x")).toBe(
      "rpool\tONLINE\noff\nall pools are healthy\n",
    );
    await out(
      "zpool set autotrim=on rpool; zfs set compression=zstd rpool/data; zfs create -o recordsize=1M rpool/media",
    );
    expect(
      await out(
        "zpool get -H autotrim rpool; zfs get -H -o value,source compression rpool/data rpool/media rpool/ROOT",
      ),
    ).toBe("rpool\tautotrim\ton\tlocal\nzstd\tlocal\non\tinherited from rpool\non\tinherited from rpool\n");
    expect(world.node("pve-01").zpools["rpool"]?.datasets["rpool/media"]).toEqual({
      mountpoint: "/rpool/media",
      recordsize: "1M",
    });
    expect(await out("zfs list -H -o name,mountpoint rpool/media")).toBe("rpool/media\t/rpool/media\n");
    expect(await sh("zfs create rpool/media")).toMatchObject({
      code: 1,
      err: "cannot create 'rpool/media': dataset already exists\n",
    });
    expect(await sh("zpool list tank")).toMatchObject({ code: 1, err: "cannot open 'tank': no such pool\n" });
    await out("zpool scrub rpool");
    expect(await out("zpool status rpool")).toMatch(
      / {2}pool: rpool\n state: ONLINE\n {2}scan: scrub repaired 0B .* with 0 errors/,
    );
  });

  test("zpool replace, attach and detach", async ({ world, out, sh }) => {
    world.transaction(() => {
      const { disks, zpools } = world.node("pve-01");
      const [own] = Object.values(disks);
      if (own === undefined) throw new Error("pve-01 has no disk.");
      for (const which of ["2", "3"])
        disks[`/dev/nvme${which}n1`] = { ...own, serial: `NEW${which}`, wwn: `eui.${which}` };
      const datasets = { tank: { compression: "on", mountpoint: "/tank" } };
      zpools["tank"] = { name: "tank", guid: "1", raid: "single", disks: ["/dev/nvme1n1"], properties: {}, datasets };
    });
    const link = (serial: string) => `/dev/disk/by-id/nvme-Samsung_SSD_9100_PRO_1TB_${serial}`;
    const [old, second, third] = [link("S7YANJ0Y9100-B"), link("NEW2"), link("NEW3")];
    const tank = () => world.node("pve-01").zpools["tank"];
    await out(`zpool replace tank ${old} ${second}`);
    expect(tank()).toMatchObject({ raid: "single", disks: ["/dev/nvme2n1"] });
    expect(tank()?.scan).toMatch(/^resilvered/);
    // The old disk has its labels still, and is not taken unasked.
    expect(await sh(`zpool replace tank ${second} ${old}`)).toMatchObject({
      code: 1,
      err: expect.stringContaining("invalid vdev specification\nuse '-f' to override") as string,
    });
    await out(`zpool attach tank ${second} ${third}`);
    expect(tank()).toMatchObject({ raid: "mirror", disks: ["/dev/nvme2n1", "/dev/nvme3n1"] });
    expect(await out("zpool status -P tank")).toContain(`${third}-part1`);
    await out("zpool detach tank /dev/nvme2n1");
    expect(tank()).toMatchObject({ raid: "single", disks: ["/dev/nvme3n1"] });
    expect(await sh(`zpool detach tank ${third}`)).toMatchObject({
      code: 1,
      err: `cannot detach ${third}: only applicable to mirror and replacing vdevs\n`,
    });
    // ZFS hides the partition that it has made of a whole disk.
    expect(await sh(`zpool replace tank ${third}-part1 ${second}`)).toMatchObject({
      code: 1,
      err: `cannot replace ${third}-part1 with ${second}: no such device in pool\n`,
    });
    // A disk that was taken out goes by a number.
    world.transaction(() => {
      replaceDisk(world.state, "pve-01", "/dev/nvme3n1", { serial: "NEW4" });
    });
    const [lost] = Object.values(tank()?.lost ?? {});
    await out(`zpool replace -f tank ${lost?.guid ?? ""} ${link("NEW4")}`);
    expect(tank()).toMatchObject({ lost: {}, disks: ["/dev/nvme3n1"] });
  });

  test("pvecm and pveversion", async ({ out }) => {
    expect(await out("pvecm status | grep -E '^(Name|Quorate|Nodes):'")).toBe(
      "Name:             homelab\nNodes:            2\nQuorate:          Yes\n",
    );
    expect(await out("pvecm nodes | tail -2")).toBe(
      "         1          1 pve-01 (local)\n         2          1 pve-02\n",
    );
    expect(await out("pveversion")).toMatch(/^pve-manager\/9\.\d+\.\d+\/[0-9a-f]+ \(running kernel: \S+-pve\)\n$/);
  });
});

describe("qm", () => {
  test("imports a disk and attaches it, as the provider does", async ({ world, machine, out }) => {
    machine.files.write("/var/lib/vz/template/iso/cloud.img", Buffer.alloc(2 ** 20));
    await out("qm create 200 --name cloud --memory 2048 --net0 virtio,bridge=vmbr0");
    await out(`set -e; file_id=local:iso/cloud.img; vm_id=200; target=local-zfs; disk_interface=scsi0
source_image=$(/usr/sbin/pvesm path $file_id)
imported_disk=$(/usr/sbin/qm disk import $vm_id $source_image $target -format raw | grep unused0 | cut -d : -f 3 | cut -d \\' -f 1)
disk_id=\${target}:$imported_disk,discard=on
/usr/sbin/qm set $vm_id -\${disk_interface} $disk_id`);
    expect(world.state.guests[200]?.config["scsi0"]).toMatch(/^local-zfs:vm-200-disk-0,discard=on(?:,size=1M)?$/);
    expect(world.state.guests[200]?.config["unused0"]).toBeUndefined();
    expect(await out("qm list")).toMatch(/^ {6}VMID NAME .*\n {7}200 cloud +stopped +2048/);
  });

  test("guest exec needs an agent", async ({ world, out, sh }) => {
    await out("qm create 200 --name cloud --agent 1; qm start 200");
    expect(await sh("qm guest exec 200 -- hostname")).toMatchObject({
      code: 255,
      err: "QEMU guest agent is not running\n",
    });
    world.transaction(() => {
      Object.assign(world.state.guests[200]?.inside ?? {}, { agent: true, hostname: "cloud" });
    });
    expect(JSON.parse(await out("qm guest exec 200 -- sh -c 'hostname; echo e >&2; exit 3'"))).toEqual({
      "err-data": "e\n",
      exitcode: 3,
      exited: 1,
      "out-data": "cloud\n",
    });
    expect(JSON.parse(await out("qm guest exec 200 --pass-stdin 1 -- cat", "text"))).toMatchObject({
      "out-data": "text",
    });
  });
});
