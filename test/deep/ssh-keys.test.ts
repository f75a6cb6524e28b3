import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { StepPlan } from "../../src/plan/steps.ts";
import { renderQuestions } from "../../src/provision/observe-steps.ts";
import { renderObserve } from "../../src/provision/render-commands.ts";
import { DebianGuest, obstacle } from "./debian-guest.ts";
import { applyStep, inventory, place, required, stepsOf } from "./guest-steps.ts";

// Who may log in, asked of a real OpenSSH in a real Debian; the tests build on each other.
const packages = ["openssh-client", "openssh-server", "sudo"];
const guest = new DebianGuest();
const reason = obstacle() ?? guest.install("trixie", packages);

const names = ["old", "new"] as const;
type Name = (typeof names)[number];
let revision = 0;

/** The public key, as the inventory has it. */
function publicKey(name: Name): string {
  return guest.run(`cat /tmp/${name}.pub`, "").stdout.trim();
}

/** The first step of a guest with these keys, and this user if it is a machine. */
function stepWith(name: "gitlab-runner" | "grafana", keys: readonly Name[], user = "ops"): StepPlan {
  const runner = required(inventory.machines["gitlab-runner"]);
  const edited = {
    ...inventory,
    access: { sshKeys: Object.fromEntries(keys.map((key) => [key, publicKey(key)])) },
    machines: { ...inventory.machines, "gitlab-runner": { ...runner, user } as typeof runner },
  };
  return required(stepsOf(name, edited)[0]);
}

function apply(step: StepPlan): void {
  revision += 1;
  const { code, stderr } = applyStep(guest, step, revision);
  expect(stderr).toContain(`${step.name}: is in place`);
  expect(code).toBe(0);
}

/** Who one is after logging in with a key; what the client says where that is refused. */
function logIn(user: string, key: Name, command = "id -un"): string {
  const options = "-o BatchMode=yes -o IdentitiesOnly=yes -o StrictHostKeyChecking=accept-new -o LogLevel=ERROR";
  const { code, stdout, stderr } = guest.run(`ssh ${options} -i /tmp/${key} ${user}@127.0.0.1 '${command}'`, "");
  return code === 0 ? stdout.trim() : stderr.trim().replace(/^.*: /, "");
}

const refused = "Permission denied (publickey).";

describe.skipIf(reason !== undefined)(`a real OpenSSH${reason === undefined ? "" : ` (skipped: ${reason})`}`, () => {
  beforeAll(async () => {
    await guest.start("grafana", "10.20.0.10");
    const installed = guest.run(
      `DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends ${packages.join(" ")}`,
      "",
    );
    expect(installed).toMatchObject({ code: 0 });
    // Keys only; and many refused logins from one address are what is wanted here.
    guest.run(
      "cat > /etc/ssh/sshd_config.d/keys-only.conf; systemctl restart ssh",
      "PasswordAuthentication no\nKbdInteractiveAuthentication no\nPerSourcePenalties no\n",
    );
    for (const name of names) guest.run(`ssh-keygen -q -t ed25519 -N '' -C ${name}@desk -f /tmp/${name}`, "");
  });

  afterAll(async () => {
    await guest.remove();
  });

  test("lets nobody in at first", () => {
    expect(names.map((name) => logIn("root", name))).toEqual([refused, refused]);
  });

  test("lets in a key that was added, as root of a container", () => {
    apply(stepWith("grafana", ["old"]));
    expect(names.map((name) => logIn("root", name))).toEqual(["root", refused]);
    apply(stepWith("grafana", ["old", "new"]));
    expect(names.map((name) => logIn("root", name))).toEqual(["root", "root"]);
  });

  test("never refuses a key that stays while others come and go", () => {
    const look = `grep -qF '${publicKey("new")}' /root/.ssh/authorized_keys || echo missing >> /tmp/missing`;
    guest.run("cat > /tmp/look", `while :; do ${look}; done\n`);
    expect(guest.run("systemd-run --quiet --unit=look sh /tmp/look", "").code).toBe(0);
    for (let round = 0; round < 5; round++)
      for (const keys of [["new"], ["old", "new"]] as const) apply(stepWith("grafana", keys));
    guest.run("systemctl stop look", "");
    expect(guest.run("cat /tmp/missing", "").stdout).toBe("");
  });

  test("refuses a key that was removed", () => {
    apply(stepWith("grafana", ["new"]));
    expect(names.map((name) => logIn("root", name))).toEqual([refused, "root"]);
  });

  test("refuses one that somebody has added in either file, once that was seen and put right", () => {
    const step = stepWith("grafana", ["new"]);
    for (const file of ["authorized_keys", "authorized_keys2"]) {
      guest.run(`cat >> /root/.ssh/${file}`, `${publicKey("old")}\n`);
      expect(logIn("root", "old")).toBe("root");
      expect(guest.run(renderObserve(place), renderQuestions([step])).stdout).toContain(`changed /root/.ssh/${file}`);
      apply(step);
      expect(names.map((name) => logIn("root", name))).toEqual([refused, "root"]);
    }
  });

  test("lets in the user of a machine, who may do everything", () => {
    apply(stepWith("gitlab-runner", ["new"]));
    expect(names.map((name) => logIn("ops", name))).toEqual([refused, "ops"]);
    expect(logIn("ops", "new", "sudo -n id -un")).toBe("root");
  });

  test("lets in another user instead, and refuses the former one, whose files stay", () => {
    expect(logIn("ops", "new", "echo mine > notes; cat notes")).toBe("mine");
    apply(stepWith("gitlab-runner", ["new"], "admin"));
    expect(logIn("admin", "new", "sudo -n id -un")).toBe("root");
    expect(logIn("ops", "new")).toBe(refused);
    expect(guest.run("cat /home/ops/notes", "").stdout).toBe("mine\n");
    apply(stepWith("gitlab-runner", ["new"]));
    expect([logIn("ops", "new"), logIn("admin", "new")]).toEqual(["ops", refused]);
  });

  test("takes a user whose group is there already, and refuses one whose home folder is elsewhere", () => {
    guest.run("groupadd visitors", "");
    apply(stepWith("gitlab-runner", ["new"], "visitors"));
    expect(logIn("visitors", "new", "id -gn")).toBe("visitors");
    const { code, stderr } = applyStep(guest, stepWith("gitlab-runner", ["new"], "www-data"), revision + 1);
    expect(stderr).toContain("The home folder of www-data is /var/www, not /home/www-data.");
    expect(code).toBe(1);
    expect(logIn("visitors", "new")).toBe("visitors");
  });
});
