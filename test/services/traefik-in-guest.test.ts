import { resolve } from "node:path";
import { describe, expect } from "vitest";
import { loadInventory } from "../../src/inventory/load.ts";
import type { Inventory } from "../../src/inventory/inventory.ts";
import type { Place, StepPlan } from "../../src/plan/steps.ts";
import { renderApply, renderObserve } from "../../src/provision/render-commands.ts";
import { renderQuestions } from "../../src/provision/observe-steps.ts";
import { renderStep, secretsOf } from "../../src/provision/render-step.ts";
import { test as base, type Outcome } from "../simulator/machine-test.ts";
import { traefikSteps } from "./traefik-plan.ts";

const shipped = loadInventory(resolve(import.meta.dirname, "../.."));
const template = "local:vztmpl/debian-13-standard_13.1-2_amd64.tar.zst";
const image = "import/debian-13-genericcloud-amd64.qcow2";
const userData = "#cloud-config\npackages: [qemu-guest-agent]\n";

const container: Place = { kind: "container", node: "pve-01", vmid: 101 };
const machine: Place = { kind: "machine", node: "pve-01", vmid: 102 };

/** A test with a container and a machine of the simulator, in which the project's own scripts apply steps. */
const test = base.extend<{
  readonly guests: undefined;
  readonly apply: (place: Place, step: StepPlan) => Promise<Outcome>;
  /** Expects each of them to be brought about. */
  readonly applyAll: (place: Place, steps: readonly StepPlan[]) => Promise<void>;
  readonly inside: (script: string) => Promise<string>;
}>({
  guests: [
    async ({ world, out }, use) => {
      world.transaction(() => {
        const { storages, volumes } = world.state;
        const { local } = storages;
        if (local !== undefined) local.config["content"] = "import,snippets,vztmpl";
        Object.assign(volumes["pve-01/local"] ?? {}, {
          [image]: { name: image, content: "import", format: "qcow2", size: 420_000_000, created: 0 },
        });
      });
      await out(`mkdir -p /var/lib/vz/snippets; cat > /var/lib/vz/snippets/user.yaml`, userData);
      await out(`pct create 101 ${template} --rootfs local-zfs:8 --hostname traefik-internal-01 --start 1`);
      await out(
        `qm create 102 --name traefik-dmz --agent 1 --scsi0 local-zfs:0,import-from=local:${image} --ide2 local-zfs:cloudinit --net0 virtio,bridge=vmbr0 --cicustom user=local:snippets/user.yaml; qm start 102`,
      );
      await use(undefined);
    },
    { auto: true },
  ],
  apply: async ({ sh }, use) => {
    await use((place, step) => {
      const secrets = Object.fromEntries(secretsOf(step).map((secret) => [secret, `made-up-${secret}`]));
      return sh(renderApply(place, step.name), renderStep(step, 1, secrets));
    });
  },
  applyAll: async ({ apply }, use) => {
    await use(async (place, steps) => {
      for (const step of steps) {
        const { code, err } = await apply(place, step);
        expect([code, err]).toEqual([0, expect.stringContaining(`${step.name}: is in place.\n`)]);
      }
    });
  },
  inside: async ({ out }, use) => {
    await use((script) => out(`pct exec 101 -- sh -euc '${script.replaceAll("'", `'\\''`)}'`));
  },
});

describe.for([
  ["our own networks", "traefik-internal-01", container],
  ["the DMZ", "traefik-dmz", machine],
] as const)("a Traefik of %s", ([, guest, place]) => {
  const steps = traefikSteps(guest, shipped);

  test("is set up by its steps, is in place the next time, and is seen to be intact", async ({
    applyAll,
    apply,
    out,
  }) => {
    await applyAll(place, steps);
    for (const step of steps)
      expect(await apply(place, step)).toEqual({ code: 0, out: "", err: `${step.name}: is in place already.\n` });
    const told = await out(renderObserve(place), renderQuestions(steps));
    for (const { name } of steps) expect(told).toMatch(new RegExp(`${name} 1 [0-9a-f]+ intact`));
  });
});

test("an edit of a guest that Traefik leads to is no change by somebody, and a change beside it still is", async ({
  applyAll,
  inside,
  out,
}) => {
  await applyAll(container, traefikSteps("traefik-internal-01", shipped));
  const edited = structuredClone(shipped);
  Object.assign(edited.containers["grafana"] ?? {}, { address: "10.20.0.15" });
  const steps = traefikSteps("traefik-internal-01", edited);
  const told = () => out(renderObserve(container), renderQuestions(steps));
  expect(await told()).toMatch(/traefik-routes 1 [0-9a-f]+ intact\n/);
  expect(await told()).not.toContain("changed");
  await inside("systemctl stop traefik");
  expect(await told()).toMatch(/traefik-routes 1 [0-9a-f]+ changed its verification fails/);
});

describe("in a container", () => {
  const steps = traefikSteps("traefik-internal-01", shipped);
  const [, release, dashboard, program, routes] = steps as [StepPlan, StepPlan, StepPlan, StepPlan, StepPlan];

  test("Traefik knows of the password nothing but a hash, which follows the secret", async ({ applyAll, inside }) => {
    await applyAll(container, steps);
    expect(await inside("cat /etc/traefik/dashboard-users")).toMatch(/^admin:\$2y\$10\$[./A-Za-z0-9]{53}\n\n$/);
    expect(await inside("stat -c '%a %U:%G' /etc/traefik/dashboard-users /etc/traefik/credentials.env")).toBe(
      "640 root:traefik\n600 root:root\n",
    );
    await inside("echo other >/etc/traefik/dashboard-password");
    await expect(inside(dashboard.verify ?? "true")).rejects.toThrow("ended with 3");
  });

  test("a release of another checksum is refused, and nothing of it is left", async ({
    world,
    applyAll,
    apply,
    inside,
  }) => {
    await applyAll(container, steps.slice(0, 1));
    const url = "https://github.com/traefik/traefik/releases/download/v3.7.10/traefik_v3.7.10_linux_amd64.tar.gz";
    world.transaction(() => {
      world.state.downloads = { [url]: "0".repeat(64) };
    });
    const { code, err } = await apply(container, release);
    expect(code).toBe(1);
    expect(err).toContain(
      "traefik_v3.7.10_linux_amd64.tar.gz does not have the SHA-256 that services.yaml tells: 01811bb12d44",
    );
    expect(await inside("find /opt/traefik -type f")).toBe("");
  });

  test("a configuration that Traefik cannot read is refused before anything is replaced", async ({
    applyAll,
    apply,
    inside,
  }) => {
    await applyAll(container, steps);
    const before = await inside("cat /etc/traefik/traefik.yml /etc/traefik/dynamic.yml");
    const started = await apply(container, spoil(program, "asDefault", "isDefault"));
    expect([started.code, started.err]).toEqual([1, expect.stringContaining("field not found, node: isDefault")]);
    const routed = await apply(container, spoil(routes, "serverName", "name"));
    expect([routed.code, routed.err]).toEqual([1, expect.stringContaining("field not found, node: name")]);
    expect(await inside("cat /etc/traefik/traefik.yml /etc/traefik/dynamic.yml")).toBe(before);
  });

  test("routes that were not there when Traefik started are taken by a restart, which the first time does not need", async ({
    applyAll,
    apply,
    inside,
  }) => {
    const started = async () => Number(await inside("journalctl --no-pager -o cat -u traefik | grep -c ^Started"));
    await applyAll(container, steps);
    expect(await started()).toBe(1);
    await inside("rm /etc/traefik/dynamic.yml; systemctl restart traefik");
    expect(await inside("journalctl --no-pager -o cat -u traefik | tail -1")).toContain(
      "error adding file watcher for /etc/traefik/dynamic.yml: no such file or directory",
    );
    expect(await apply(container, routes)).toMatchObject({ code: 0 });
    expect(await started()).toBe(3);
  });

  test("Traefik goes by the settings that were there when it started, with the guest or by itself", async ({
    applyAll,
    inside,
    out,
  }) => {
    await applyAll(container, steps);
    const asked = () => inside(routes.verify ?? "false");
    await inside("cd /etc/traefik; cp traefik.yml kept.yml; echo '# mine' >traefik.yml");
    await asked();
    await inside("systemctl restart traefik");
    await expect(asked()).rejects.toThrow("ended with 7");
    await inside("cp /etc/traefik/kept.yml /etc/traefik/traefik.yml");
    await expect(asked()).rejects.toThrow("ended with 7");
    await out("pct stop 101; pct start 101");
    await asked();
  });

  test("a new route is taken without a restart, and one that is not taken is put back", async ({
    applyAll,
    apply,
    inside,
  }) => {
    await applyAll(container, steps);
    const restarts = () => inside("journalctl --no-pager -o cat -u traefik | grep -c ^Started");
    const count = await restarts();
    const [changed] = traefikSteps("traefik-internal-01", withGrafanaOn(3001)).slice(-1) as [StepPlan];
    expect((await apply(container, changed)).err).toContain("/etc/traefik/dynamic.yml is replaced.");
    expect(await restarts()).toBe(count);
    expect(await inside("cat /etc/traefik/dynamic.yml")).toContain("http://10.20.0.10:3001");
    // The file is in place, and Traefik does not tell of it.
    const { code, err } = await apply(container, { ...routes, verify: `${routes.verify ?? ""}x`, settleSeconds: 1 });
    expect([code, err]).toEqual([1, expect.stringContaining("the journal of traefik:\n")]);
    expect(await inside("cat /etc/traefik/dynamic.yml")).toContain("http://10.20.0.10:3001");
  });

  test("an upgrade leaves the old program until the new one runs", async ({ world, applyAll, apply, inside }) => {
    await applyAll(container, steps);
    const url = "https://github.com/traefik/traefik/releases/download/v3.8.0/traefik_v3.8.0_linux_amd64.tar.gz";
    const sha256 = "e".repeat(64);
    world.transaction(() => {
      world.state.downloads = { [url]: sha256 };
    });
    const [, newRelease, , newProgram] = traefikSteps("traefik-internal-01", withRelease("3.8.0", sha256)) as [
      StepPlan,
      StepPlan,
      StepPlan,
      StepPlan,
    ];
    expect(await apply(container, newRelease)).toMatchObject({ code: 0 });
    expect(await inside("ls /opt/traefik")).toBe("3.7.10\n3.8.0\n");
    expect(await apply(container, newProgram)).toMatchObject({ code: 0 });
    await inside(newRelease.activate ?? "true");
    expect(await inside("ls /opt/traefik")).toBe("3.8.0\n");
  });
});

function spoil(step: StepPlan, word: string, other: string): StepPlan {
  const files = step.files.map((file) => ({
    ...file,
    text: file.text.map((part) => (typeof part === "string" ? part.replaceAll(word, other) : part)),
  }));
  return { ...step, files };
}

function withGrafanaOn(port: number): Inventory {
  const { grafana } = shipped.containers;
  if (grafana === undefined) throw new Error("The shipped inventory has no grafana.");
  return {
    ...shipped,
    containers: { ...shipped.containers, grafana: { ...grafana, service: { protocol: "http", port } } },
  };
}

function withRelease(version: string, sha256: string): Inventory {
  const { traefik } = shipped.services;
  if (traefik === undefined) throw new Error("The shipped inventory has no settings of Traefik.");
  return { ...shipped, services: { ...shipped.services, traefik: { ...traefik, version, sha256 } } };
}
