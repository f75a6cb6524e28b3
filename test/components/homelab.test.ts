import { resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { registerShippedHomelab, type Built, type Registration } from "./registrations.ts";

/** By this key of an object the engine knows a secret; the secret itself is its `value`. */
const secretMark = "4dabf18193072939515e22adb298388d";
const file = resolve(import.meta.dirname, "shipped-registrations.txt");

let built: Built;

/** What steps run and bring has tests of its own; their triggers tell which files they have. */
function withoutScripts<T extends { inputs: Record<string, unknown> }>(registration: T): T {
  const { inputs } = registration;
  if (!("stdin" in inputs)) return registration;
  return { ...registration, inputs: { ...inputs, create: "…", delete: "…", stdin: "…" } };
}

beforeAll(async () => {
  built = await registerShippedHomelab();
});

test("registers exactly this of the shipped inventory", async () => {
  const shown = built.registrations.map(({ type, name, ...rest }) => [
    `${type} ${name}`,
    withoutSecrets(withoutScripts(rest)),
  ]);
  await expect(stringify(Object.fromEntries(shown), { lineWidth: 0 })).toMatchFileSnapshot(file);
});

test("every type is one of the provider's, or homelab:folder:Class; every name is kebab-case and of its type alone", () => {
  for (const { type, name } of built.registrations) {
    expect(type).toMatch(
      /^(?:homelab:[a-z]+:[A-Z]\w+|proxmoxve:.+|command:remote:Command|pulumi:providers:proxmoxve)$/,
    );
    expect(name).toMatch(/^[a-z0-9]+(?:-[a-z0-9]+)*$/);
  }
  const keys = built.registrations.map(({ type, name }) => `${type} ${name}`);
  expect(new Set(keys).size).toBe(keys.length);
});

test("all but the root has a parent, and what is Proxmox's lies in a component of the same name or its part", () => {
  for (const { type, name, parent } of built.registrations) {
    if (type === "homelab:index:Homelab") expect(parent).toBe("");
    else expect(parent).not.toBe("");
    if (!type.startsWith("proxmoxve:node/firewall") && type.startsWith("proxmoxve:"))
      expect(name.startsWith(parent.split(" ")[1] ?? "nobody")).toBe(true);
  }
});

describe("what holds data", () => {
  test("is protected: the pool, and every guest, whose root disk holds data too", () => {
    const guests = namesOf(({ type }) => /:(?:ContainerLegacy|VmLegacy)$/.test(type));
    expect(guests).toHaveLength(13);
    expect(namesOf(({ protect }) => protect)).toEqual(["Zfs pve-01-fast", ...guests]);
  });

  test("is kept on its disks, when the pool is forgotten", () => {
    expect(namesOf(({ retainOnDelete }) => retainOnDelete)).toEqual(["Zfs pve-01-fast"]);
  });

  test("is protected by Proxmox, too, if it is a machine with a data disk", () => {
    expect(namesOf(({ inputs }) => inputs["protection"] === true)).toEqual([
      "VmLegacy gitlab",
      "VmLegacy talos-worker-01",
      "VmLegacy talos-worker-02",
    ]);
  });
});

describe("order", () => {
  test("a guest waits for its image and its storage, and for no other guest", () => {
    expect(find("ContainerLegacy grafana").dependsOn).toEqual(["File debian-13-container-pve-01"]);
    expect(find("ContainerLegacy prometheus").dependsOn).toEqual(["File debian-13-container-pve-01", "Zfspool fast"]);
    expect(find("VmLegacy gitlab").dependsOn).toEqual([
      "File debian-13-cloud-pve-01",
      "FileLegacy gitlab-user-data",
      "Zfspool fast",
    ]);
  });

  test("what the installer made is waited for by nobody", () => {
    const names = built.registrations.flatMap(({ dependsOn }) => dependsOn);
    expect(names.filter((name) => !name.startsWith("Command ") && /local|rpool|vmbr0/.test(name))).toEqual([]);
  });

  test("the datacenter's firewall comes on last: after each node's own is decided, and each guest's is complete", () => {
    expect(find("FirewallLegacy homelab").dependsOn).toEqual([
      "Firewall pve-01",
      "Firewall pve-02",
      "OptionsLegacy traefik-dmz-firewall-options",
      "RulesLegacy traefik-dmz-firewall",
    ]);
    expect(find("OptionsLegacy traefik-dmz-firewall-options").dependsOn).toEqual(["RulesLegacy traefik-dmz-firewall"]);
    expect(find("RulesLegacy traefik-dmz-firewall").dependsOn).toEqual(["VmLegacy traefik-dmz"]);
  });
});

describe("secrets", () => {
  test("are marked: the token, the SSH key and the storage's password", () => {
    const provider = find("pulumi:providers:proxmoxve proxmox").inputs;
    expect(provider["apiToken"]).toMatchObject({ [secretMark]: expect.any(String) as string });
    expect(provider["ssh"]).toMatchObject({ [secretMark]: expect.any(String) as string });
    expect(find("Cifs hetzner").inputs["password"]).toMatchObject({
      [secretMark]: expect.any(String) as string,
      value: "the hetznerPassword",
    });
  });

  test("the provider gets every node's SSH address, so that it never asks the API for one to dial", () => {
    const { value } = find("pulumi:providers:proxmoxve proxmox").inputs["ssh"] as { value: string };
    expect(JSON.parse(value)).toMatchObject({
      nodes: ["pve-01", "pve-02"].map((name) => ({ name, address: "127.0.0.1", port: 22 })),
    });
  });
});

test("changed SSH keys, templates and images replace no guest, and speed limits that are none differ from nothing", () => {
  expect(find("ContainerLegacy grafana").ignoreChanges).toEqual([
    "initialization.userAccount",
    "operatingSystem.templateFileId",
  ]);
  expect(find("VmLegacy gitlab").ignoreChanges).toEqual(["disks[0].importFrom", "disks[0].speed", "disks[1].speed"]);
});

test("tells where each guest is found", () => {
  expect(built.guests).toEqual(built.plan.outputs.guests);
  expect(built.guests["grafana"]).toEqual({
    kind: "container",
    vmid: 20010,
    node: "pve-01",
    address: "10.20.0.10/24",
    url: "https://grafana.home.example.net/",
  });
});

function find(shortName: string): Registration {
  const found = built.registrations.find((registration) => shortNameOf(registration) === shortName);
  if (found === undefined) throw new Error(`No ${shortName} was registered.`);
  return found;
}

function namesOf(test: (registration: Registration) => boolean): string[] {
  return built.registrations.filter(test).map(shortNameOf);
}

function shortNameOf({ type, name }: Registration): string {
  return `${type.startsWith("pulumi:") ? type : (type.split(":").at(-1) ?? "")} ${name}`;
}

/** Leaves out what is as usual, and the values of secrets. */
function withoutSecrets({ inputs, ...rest }: Omit<Registration, "type" | "name">): object {
  const shown = Object.entries(rest).filter(([, value]) => !isDeepStrictEqual(value, []) && value !== false);
  const values = Object.entries(inputs).map(([key, value]) => [key, isSecret(value) ? "[secret]" : value]);
  return { ...Object.fromEntries(shown), inputs: Object.fromEntries(values) as object };
}

function isSecret(value: unknown): boolean {
  return typeof value === "object" && value !== null && secretMark in value;
}
