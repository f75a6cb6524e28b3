import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { findProgram } from "../../scripts/find-program.ts";
import { loadInventory } from "../../src/inventory/load.ts";
import { planHomelab } from "../../src/plan/plan.ts";
import type { StepPlan } from "../../src/plan/steps.ts";
import { edited, homelabFiles, writeHomelab, type HomelabFiles } from "../inventory/homelab-files.ts";
import { StepPlace } from "../provision/step-place.ts";
import { shellcheck } from "./check-script.ts";

const folder = mkdtempSync(join(tmpdir(), "ssh-keys-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const admin = homelabFiles.access.split("admin: ")[1]?.trim() ?? "";
const laptop = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGKQ1Dm2mRhuHZbMhTwqkQ9K3g7t8m1ZrF0m2mCzj3aB me@laptop";

/** The step of a guest, after some files of the inventory have changed. */
function stepOf(guest: string, changed: Partial<HomelabFiles> = {}): StepPlan {
  const steps = stepsOf(guest, changed);
  const [step] = steps;
  if (step === undefined) throw new Error(`${guest} has no step.`);
  return step;
}

function stepsOf(guest: string, changed: Partial<HomelabFiles> = {}): readonly StepPlan[] {
  writeHomelab(folder, changed);
  return planHomelab(loadInventory(folder)).steps.find(({ name }) => name === guest)?.steps ?? [];
}

const withKeys = (keys: Readonly<Record<string, string>>) => ({
  access: `sshKeys:\n${Object.entries(keys)
    .map(([name, key]) => `  ${name}: ${key}\n`)
    .join("")}`,
});

describe("the step", () => {
  test("of a container keeps root's keys, in the order of their names", () => {
    const { name, files, prepare } = stepOf("grafana", withKeys({ laptop, admin }));
    expect(name).toBe("grafana-ssh-keys");
    expect(files).toEqual([
      { path: "/root/.ssh/authorized_keys", mode: "0600", owner: "root:root", text: [`${admin}\n${laptop}\n`] },
    ]);
    expect(prepare).toBeUndefined();
  });

  test("of a machine keeps those of its user, who has all rights", () => {
    expect(stepOf("proxy").files).toEqual([
      { path: "/home/ops/.ssh/authorized_keys", mode: "0600", owner: "ops:", text: [`${admin}\n`] },
      { path: "/etc/sudoers.d/90-homelab", mode: "0440", owner: "root:root", text: ["ops ALL=(ALL) NOPASSWD:ALL\n"] },
    ]);
  });

  test("of a machine whose user is root creates nobody", () => {
    const { files, prepare } = stepOf("proxy", edited("machines", "kind: cloud", "kind: cloud\n  user: root"));
    expect(files.map(({ path }) => path)).toEqual(["/root/.ssh/authorized_keys"]);
    expect(prepare).toBeUndefined();
  });

  test("comes before all others, so that none of them keeps a removed key when it fails", () => {
    const steps = stepsOf("proxy", { services: "system: {}\n" });
    expect(steps.length).toBeGreaterThan(1);
    expect(steps[0]?.name).toBe("proxy-ssh-keys");
  });

  test("is none of Talos's, which takes no commands", () => {
    expect(stepsOf("cluster-01")).toEqual([]);
  });

  test.skipIf(findProgram("shellcheck") === undefined).each(["grafana", "proxy"])(
    "has clean scripts, in %s",
    (guest) => {
      const { prepare, check, activate, verify } = stepOf(guest);
      for (const script of [prepare, check, activate, verify]) expect(shellcheck(script ?? "")).toBe("");
    },
  );
});

// The scripts run for real, in this machine's own shell; root's home folder is one of our own.
describe("in a container", () => {
  let place: StepPlace;
  const file = () => join(place.root, "root/.ssh/authorized_keys");
  const apply = (keys: Readonly<Record<string, string>>, revision: number) =>
    place.apply(here(stepOf("grafana", withKeys(keys))), revision);
  const observe = (keys: Readonly<Record<string, string>>) => place.observe(here(stepOf("grafana", withKeys(keys))));

  /** The step with root's home folder in the place, for whoever runs this. */
  function here(step: StepPlan): StepPlan {
    const script = (text = "") =>
      text
        .replaceAll("$STAGED/root/", '"$STAGED"ROOT/root/')
        .replaceAll(/(?<!ROOT)\/root\//g, "ROOT/root/")
        .replaceAll("root:root", place.owner)
        .replaceAll("'700 root'", `'700 ${userInfo().username}'`);
    return { ...step, check: script(step.check), activate: script(step.activate), verify: script(step.verify) };
  }

  beforeEach(() => {
    place = new StepPlace();
  });

  afterEach(() => {
    place.remove();
  });

  test("a key is added, and nobody else can read the file or its folder", () => {
    expect(apply({ admin }, 1).code).toBe(0);
    expect(apply({ admin, laptop }, 2).stderr).not.toContain("Keys removed");
    expect(readFileSync(file(), "utf8")).toBe(`${admin}\n${laptop}\n`);
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(statSync(join(place.root, "root/.ssh")).mode & 0o777).toBe(0o700);
    expect(observe({ admin, laptop })).toEqual([expect.stringMatching(/^grafana-ssh-keys 2 [0-9a-f]{16} intact$/)]);
  });

  test("a key is removed, by its name", () => {
    apply({ admin, laptop }, 1);
    expect(apply({ admin }, 2).stderr).toContain("Keys removed from /root/.ssh/authorized_keys: me@laptop.\n");
    expect(readFileSync(file(), "utf8")).toBe(`${admin}\n`);
  });

  test("keys that were there before the first time are removed, too, whatever they look like", () => {
    const others = `${laptop}\n\nfrom="10.0.0.1" ${laptop.replace("me@laptop", "from \u001b[31mnowhere")}\nnonsense`;
    place.write("/root/.ssh/authorized_keys", others);
    const { code, stderr } = apply({ admin }, 1);
    expect(code).toBe(0);
    expect(stderr).toContain("authorized_keys: me@laptop, from [31mnowhere.\n");
    expect(readFileSync(file(), "utf8")).toBe(`${admin}\n`);
  });

  test("another comment is no other key", () => {
    apply({ admin, laptop }, 1);
    expect(apply({ admin, laptop: laptop.replace("me@laptop", "me@desk") }, 2).stderr).not.toContain("Keys removed");
    expect(readFileSync(file(), "utf8")).toBe(`${admin}\n${laptop.replace("me@laptop", "me@desk")}\n`);
  });

  test.each<[string, () => void, RegExp]>([
    [
      "a key in the file",
      () => {
        place.write("/root/.ssh/authorized_keys", `${admin}\n${laptop}\n`);
      },
      / changed \/root\/\.ssh\/authorized_keys$/,
    ],
    [
      "no file",
      () => {
        rmSync(file());
      },
      / changed \/root\/\.ssh\/authorized_keys$/,
    ],
    [
      "a link to another file",
      () => {
        place.write("/elsewhere", `${admin}\n`);
        rmSync(file());
        symlinkSync(join(place.root, "elsewhere"), file());
      },
      / changed \/root\/\.ssh\/authorized_keys$/,
    ],
    [
      "a file that everyone may write",
      () => {
        chmodSync(file(), 0o666);
      },
      / changed \/root\/\.ssh\/authorized_keys$/,
    ],
    [
      "a folder that everyone may write",
      () => {
        chmodSync(join(place.root, "root/.ssh"), 0o777);
      },
      /changed \/root\/\.ssh is not a folder that only root can read\.$/,
    ],
    [
      "a key in the second file",
      () => {
        place.write("/root/.ssh/authorized_keys2", `${laptop}\n`);
      },
      /changed \/root\/\.ssh\/authorized_keys2 has further keys\.$/,
    ],
  ])("%s is found, and put right", (_what, change, found) => {
    mkdirSync(join(place.root, "root"));
    apply({ admin }, 1);
    change();
    expect(observe({ admin })).toEqual([expect.stringMatching(found)]);
    expect(apply({ admin }, 2).code).toBe(0);
    expect(observe({ admin })).toEqual([expect.stringMatching(/ 2 [0-9a-f]{16} intact$/)]);
    expect(readFileSync(file(), "utf8")).toBe(`${admin}\n`);
  });
});
