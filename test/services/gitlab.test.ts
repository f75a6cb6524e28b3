import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { findProgram } from "../../scripts/find-program.ts";
import { loadInventory } from "../../src/inventory/load.ts";
import { planHomelab } from "../../src/plan/plan.ts";
import { nextStop, renderUpgradeCheck, type Release } from "../../src/plan/services/gitlab/upgrade-path.ts";
import { renderRuby } from "../../src/plan/services/gitlab/ruby.ts";
import type { FilePlan, StepPlan } from "../../src/plan/steps.ts";
import { homelabFiles, problemsOf, writeHomelab } from "../inventory/homelab-files.ts";
import { shellcheck } from "./check-script.ts";
import { runProgram } from "./run-program.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gitlab-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

const guests = `git:
  kind: cloud
  node: pve-01
  network: internal
  address: 10.20.0.30
  image: cloud
  runs: gitlab
  service: { protocol: https, port: 443 }
  needs: [isolation]
  cores: 4
  memory: 8 GiB
  disk: { storage: local-zfs, size: 40 GiB }
runner:
  kind: cloud
  node: pve-02
  network: internal
  address: 10.20.0.31
  image: cloud
  runs: gitlab-runner
  needs: [isolation]
  cores: 2
  memory: 2 GiB
  disk: { storage: local-zfs, size: 20 GiB }
`;
const minimal = `  version: "19.4.1"\n`;
const full = `  version: "19.4.1"
  registry: true
  pages: pages
  smtp: { server: mail.example.net, from: git@example.net, username: o'hara }
  backup: { storage: nas, export: /volume1/gitlab, keepDays: 2, skip: [registry, artifacts], timezone: Europe/Berlin }
  runner: { version: "19.4.1", registered: true }
`;

function write(settings: string, machines = homelabFiles.machines + guests): void {
  writeHomelab(folder, { machines });
  writeFileSync(join(folder, "config/homelab/services.yaml"), `domain: home.example.net\ngitlab:\n${settings}`);
}

function stepsWith(settings: string, guest = "git"): readonly StepPlan[] {
  write(settings);
  const steps = planHomelab(loadInventory(folder)).steps.find(({ name }) => name === guest)?.steps ?? [];
  // Every guest has it.
  return steps.filter(({ name }) => !name.endsWith("-ssh-keys"));
}

function textOf({ text }: FilePlan): string {
  return text.map((part) => (typeof part === "string" ? part : `<${part.secret}>`)).join("");
}

function fileOf(steps: readonly StepPlan[], path: string): string {
  const file = steps.flatMap(({ files }) => files).find((one) => one.path === path);
  return file === undefined ? "" : textOf(file);
}

describe("an upgrade", () => {
  test.each<[Release, Release, Release | undefined]>([
    [[19, 2], [19, 4], undefined],
    [[19, 4], [19, 4], undefined],
    [[19, 1], [19, 2], undefined],
    [
      [19, 1],
      [19, 4],
      [19, 2],
    ],
    [[18, 11], [19, 1], undefined],
    [
      [18, 8],
      [19, 0],
      [18, 11],
    ],
    [
      [17, 5],
      [19, 4],
      [17, 8],
    ],
  ])("from %j to %j has to stop at %j", (from, to, stop) => {
    expect(nextStop(from, to)).toEqual(stop);
  });

  test("that takes each stop arrives, and passes over none", () => {
    const month = fc.integer({ min: 18 * 12, max: 22 * 12 });
    const release = (count: number): Release => [Math.floor(count / 12), count % 12];
    fc.assert(
      fc.property(month, fc.nat(40), (from, months) => {
        const to = from + months;
        const taken: Release[] = [];
        for (let stop = nextStop(release(from), release(to)); stop !== undefined; stop = nextStop(stop, release(to))) {
          taken.push(stop);
        }
        const between = Array.from({ length: Math.max(0, months - 1) }, (_, index) => release(from + index + 1));
        expect(taken).toEqual(between.filter(([, minor]) => [2, 5, 8, 11].includes(minor)));
      }),
    );
  });

  const check = (installed: string) => {
    mkdirSync(join(folder, "bin"), { recursive: true });
    writeFileSync(
      join(folder, "bin/dpkg-query"),
      `#!/bin/sh\n${installed === "" ? "exit 1" : `printf %s ${installed}`}\n`,
    );
    chmodSync(join(folder, "bin/dpkg-query"), 0o755);
    const script = renderUpgradeCheck({ package: "gitlab-ce", version: "19.4.1-ce.0" });
    return runProgram("dash", ["-eu"], { input: script, path: join(folder, "bin") });
  };

  test.each(["", "19.2.6-ce.0", "19.3.0-ce.0", "19.4.0-ce.0", "19.4.2-ce.0"])(
    "is let through from '%s'",
    (installed) => {
      expect(check(installed)).toEqual({ code: 0, out: "", err: "" });
    },
  );

  test.each<[string, string]>([
    ["19.1.2-ce.0", "19.2 is a required upgrade stop in between"],
    ["18.11.3-ce.0", "19.2 is a required upgrade stop in between"],
    ["18.2.10-ee.0", "18.5 is a required upgrade stop in between"],
    ["19.5.0-ce.0", "GitLab's database does not go back"],
    ["16.11.0-ce.0", "for older versions see"],
  ])("is refused from %s", (installed, message) => {
    expect(check(installed)).toMatchObject({ code: 1, err: expect.stringContaining(message) as string });
  });
});

describe("the configuration", () => {
  test("fits the machine, and lets in nobody but who is asked", () => {
    const steps = stepsWith(minimal);
    expect(steps.map(({ name }) => name)).toEqual(["git-packages", "git-configuration"]);
    expect(fileOf(steps, "/etc/gitlab/gitlab.rb"))
      .toBe(`# Written by Pulumi from config/homelab; changes made here are undone.
external_url 'https://git.home.example.net'
letsencrypt['enable'] = false
nginx['listen_port'] = 443
nginx['redirect_http_to_https'] = true
nginx['ssl_certificate'] = '/etc/gitlab/ssl/homelab.crt'
nginx['ssl_certificate_key'] = '/etc/gitlab/ssl/homelab.key'
gitlab_rails['usage_ping_enabled'] = false
gitlab_rails['store_initial_root_password'] = false
gitlab_rails['display_initial_root_password'] = false
puma['worker_processes'] = 4
sidekiq['concurrency'] = 20
postgresql['shared_buffers'] = '2048MB'
prometheus['enable'] = false
alertmanager['enable'] = false
node_exporter['enable'] = false
gitlab_rails['monitoring_whitelist'] = ['127.0.0.0/8', '::1/128']
gitlab_exporter['listen_address'] = 'localhost'
registry['enable'] = false
gitlab_rails['smtp_enable'] = false
gitlab_rails['gitlab_email_enabled'] = false
`);
  });

  test("holds no secret itself, and nobody else can read those files", () => {
    const steps = stepsWith(full);
    const secret = steps
      .flatMap(({ files }) => files)
      .filter(({ text }) => text.some((part) => typeof part !== "string"));
    expect(secret.map(({ path, mode, owner }) => [path, mode, owner])).toEqual([
      ["/etc/homelab/gitlab-root-password", "0600", "root:root"],
      ["/etc/homelab/gitlab-smtp-password", "0600", "root:root"],
    ]);
    expect(fileOf(steps, "/etc/gitlab/gitlab.rb")).toContain(
      "gitlab_rails['smtp_password'] = File.read('/etc/homelab/gitlab-smtp-password').chomp\n",
    );
  });

  test("with a certificate of one's own takes it from the settings", () => {
    const steps = stepsWith(`${minimal}  certificate: own\n`);
    expect(fileOf(steps, "/etc/gitlab/ssl/homelab.key")).toBe("<gitlabCertificateKey>\n");
    expect(steps[1]?.activate).not.toContain("openssl req");
  });
});

describe("the runner", () => {
  test("is not registered before it is said to be, and that is said", () => {
    const settings = `${minimal}  runner: { version: "19.4.0" }\n`;
    expect(stepsWith(settings, "runner").map(({ name }) => name)).toEqual(["runner-packages"]);
    expect(planHomelab(loadInventory(folder)).warnings.join("\n")).toContain("runner takes no jobs yet");
  });

  test("is registered with a token from a file", () => {
    const [, registration] = stepsWith(full, "runner");
    expect(registration?.files).toMatchObject([{ path: "/etc/homelab/gitlab-runner-token", mode: "0600" }]);
    expect(registration?.activate).toContain(
      "gitlab-runner register --non-interactive --url https://git.home.example.net",
    );
    expect(registration?.activate).not.toContain("--token");
  });
});

describe("refused is", () => {
  test.each<[string, string, string]>([
    [
      "an export that holds the guests' backups, too",
      `${minimal}  backup: { storage: nas, export: /volume1/proxmox/gitlab }\n`,
      `services.gitlab.backup.export
  /volume1/proxmox/gitlab and the export of nas (/volume1/proxmox) are not apart: who breaks into GitLab could read and destroy the guests' backups.
  Give GitLab an export of its own on that server, which only its address may mount.`,
    ],
    [
      "a storage that is not there",
      `${minimal}  backup: { storage: nass, export: /volume1/gitlab }\n`,
      `There is no storage "nass" in storage.yaml.`,
    ],
    [
      "a storage that no guest could mount",
      `${minimal}  backup: { storage: local-zfs, export: /volume1/gitlab }\n`,
      `The storage local-zfs is of type zfspool, and GitLab's guest mounts its backups by NFS.
  Choose nas.`,
    ],
    [
      "a runner of another release",
      `${minimal}  runner: { version: "19.3.1" }\n`,
      `The runner is of 19.3 and GitLab of 19.4: they belong together (https://docs.gitlab.com/runner/#gitlab-runner-versions).`,
    ],
    [
      "a version without packages for Debian 13",
      `  version: "17.11.7"\n`,
      `"17.11.7" is not a version of GitLab for Debian 13.`,
    ],
  ])("%s", (_what, settings, message) => {
    write(settings);
    expect(problemsOf(folder)).toContain(message);
  });

  test("a service that is not where GitLab answers", () => {
    write(minimal, homelabFiles.machines + guests.replace("port: 443", "port: 8443"));
    expect(problemsOf(folder)).toContain("GitLab is set up to answer by HTTPS at port 443");
  });
});

describe("the backup", () => {
  test.each<[string, string, string]>([
    ["01:00", "60 min", "00:00"],
    ["00:30", "60 min", "23:30"],
    ["02:00", "90 min", "00:30"],
  ])("of a node at %s begins %s before, at %s", (daily, lead, time) => {
    write(`${minimal}  backup: { storage: nas, export: /volume1/gitlab, lead: ${lead}, timezone: Europe/Berlin }\n`);
    const backups = homelabFiles.backups
      .replace(`pve-01: "01:00"`, `pve-01: "${daily}"`)
      .replace(`pve-02: "02:00"`, `pve-02: "05:00"`);
    writeFileSync(join(folder, "config/homelab/backups.yaml"), backups);
    const steps = planHomelab(loadInventory(folder)).steps.find(({ name }) => name === "git")?.steps ?? [];
    expect(fileOf(steps, "/etc/systemd/system/gitlab-backup.timer")).toContain(
      `OnCalendar=*-*-* ${time}:00 Europe/Berlin\n`,
    );
  });

  const prepare = () => {
    const script = fileOf(stepsWith(full), "/usr/local/sbin/gitlab-backup-to-nas")
      .replaceAll("/srv/backup", join(folder, "nas"))
      .replaceAll("/var/opt/gitlab", join(folder, "gitlab"))
      .replaceAll("/var/lib/prometheus", join(folder, "prometheus"));
    for (const name of ["bin", "nas/data", "nas/config", "gitlab/backups", "prometheus/node-exporter"])
      mkdirSync(join(folder, name), { recursive: true });
    const programs = {
      mountpoint: "exit 0",
      "gitlab-ctl": 'echo secrets >"$3/gitlab_config_1.tar"',
      "gitlab-backup": `echo "$@" >"${folder}/call"\nfor word; do case $word in BACKUP=*) echo data >"${folder}/gitlab/backups/\${word#BACKUP=}_gitlab_backup.tar" ;; esac; done`,
    };
    for (const [name, text] of Object.entries(programs)) {
      writeFileSync(join(folder, "bin", name), `#!/bin/sh\n${text}\n`);
      chmodSync(join(folder, "bin", name), 0o755);
    }
    return () => runProgram("dash", [], { input: script, path: join(folder, "bin") });
  };

  test("puts data and configuration on the NAS, whole, and removes what is old", () => {
    const run = prepare();
    for (const name of [
      "nas/data/1_gitlab_backup.tar",
      "nas/config/gitlab_config_0.tar",
      "gitlab/backups/1_gitlab_backup.tar",
    ]) {
      writeFileSync(join(folder, name), "old");
      utimesSync(join(folder, name), new Date(0), new Date(0));
    }
    expect(run()).toEqual({ code: 0, out: "", err: "" });
    const [data, ...rest] = readdirSync(join(folder, "nas/data"));
    expect([data, rest]).toEqual([expect.stringMatching(/^\d+_\d{4}_\d\d_\d\d_gitlab_backup\.tar$/), []]);
    expect(readFileSync(join(folder, "nas/data", data ?? ""), "utf8")).toBe("data\n");
    expect(readdirSync(join(folder, "nas/config"))).toEqual(["gitlab_config_1.tar"]);
    expect(readdirSync(join(folder, "gitlab/backups"))).toEqual([data]);
    expect(readFileSync(join(folder, "call"), "utf8")).toMatch(/^create CRON=1 BACKUP=\S+ SKIP=artifacts,registry\n$/);
    expect(readFileSync(join(folder, "prometheus/node-exporter/gitlab-backup.prom"), "utf8")).toMatch(
      /^gitlab_backup_last_success_timestamp_seconds \d+\n$/,
    );
  });

  test.each(["mountpoint", "gitlab-ctl", "gitlab-backup"])("fails, and removes nothing, where %s fails", (program) => {
    const run = prepare();
    writeFileSync(join(folder, "bin", program), "#!/bin/sh\nexit 3\n");
    const old = join(folder, "nas/data/1_gitlab_backup.tar");
    writeFileSync(old, "old");
    utimesSync(old, new Date(0), new Date(0));
    expect(run().code).not.toBe(0);
    expect(existsSync(old)).toBe(true);
    expect(readdirSync(join(folder, "prometheus/node-exporter"))).toEqual([]);
  });
});

describe.skipIf(findProgram("ruby") === undefined)("Ruby itself (skipped where there is none)", () => {
  test.each([minimal, full])("takes gitlab.rb", (settings) => {
    const input = fileOf(stepsWith(settings), "/etc/gitlab/gitlab.rb");
    expect(runProgram("ruby", ["-c"], { input })).toEqual({ code: 0, out: "Syntax OK\n", err: "" });
  });

  test("reads back every string that is written", () => {
    const list = fc.sample(fc.string({ unit: "grapheme-ascii", maxLength: 12 }), 200);
    const texts = [...list, "o'hara", "\\", "\\'", "#{1}", "a\\\\'b"];
    const input = `require 'json'; print JSON.generate(${renderRuby(texts)})`;
    expect(JSON.parse(runProgram("ruby", ["-"], { input }).out)).toEqual(texts);
  });
});

describe.skipIf(findProgram("shellcheck") === undefined)("shellcheck (skipped where there is none)", () => {
  test.each([
    ["git", minimal],
    ["git", full],
    ["git", `${minimal}  certificate: own\n`],
    ["runner", full],
  ])("finds nothing in the scripts of %s", (guest, settings) => {
    for (const { name, check, activate, verify, files } of stepsWith(settings, guest)) {
      const scripts = files.filter(({ path }) => path.startsWith("/usr/local/sbin/")).map(textOf);
      for (const script of [check, activate, verify, ...scripts])
        if (script !== undefined) expect(shellcheck(script), name).toBe("");
    }
  });
});

describe.skipIf(findProgram("systemd-analyze") === undefined)("systemd (skipped where there is none)", () => {
  test("takes the units", () => {
    const steps = stepsWith(full);
    const units = steps.flatMap(({ files }) => files).filter(({ path }) => path.startsWith("/etc/systemd/system/"));
    const paths = units.map((unit) => {
      const file = join(folder, basename(unit.path));
      // The program is not on this machine.
      writeFileSync(file, textOf(unit).replace(/^ExecStart=.*$/m, "ExecStart=/bin/true"));
      return file;
    });
    expect(paths).toHaveLength(3);
    const { err } = runProgram("systemd-analyze", ["verify", ...paths]);
    expect(err.split("\n").filter((line) => line.includes(folder))).toEqual([]);
    const calendar = /^OnCalendar=(.*)$/m.exec(fileOf(steps, "/etc/systemd/system/gitlab-backup.timer"))?.[1] ?? "";
    expect(runProgram("systemd-analyze", ["calendar", calendar]).code).toBe(0);
  });
});
