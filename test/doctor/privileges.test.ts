import fc from "fast-check";
import { afterAll, describe, expect } from "vitest";
import { AdminApi } from "../../src/bootstrap/admin-api.ts";
import { setUpAccess } from "../../src/bootstrap/set-up-access.ts";
import { extendRoleCommand, grantCommand } from "../../src/doctor/commands.ts";
import type { Finding } from "../../src/doctor/finding.ts";
import { privilegeNeeds } from "../../src/doctor/needs.ts";
import { deployRole, grantsFor, nodesRole, rolesFor, type RoleName } from "../../src/doctor/roles.ts";
import { deployToken } from "../../src/doctor/token.ts";
import type { HomelabPlan } from "../../src/plan/plan.ts";
import { openConnection } from "../../src/proxmox/send.ts";
import { trustAuthorities } from "../../src/proxmox/trust.ts";
import { closeShared, shipped, test as base } from "./doctor-test.ts";

afterAll(closeShared);

const needs = privilegeNeeds(shipped, 9);

/** A test with a cluster on which bootstrap has been: the token that it has made. */
const test = base.extend<{ readonly apiToken: string }>({
  apiToken: async ({ simulator }, use) => {
    const connection = openConnection(simulator.url, trustAuthorities(simulator.ca));
    const api = await AdminApi.logIn(connection, simulator.username, simulator.password);
    const { apiToken = "" } = await setUpAccess(api, { needs, token: deployToken, tokenWorks: false, rotate: false });
    connection.agent.destroy();
    await use(apiToken);
  },
});

function ofPrivileges(findings: readonly Finding[]): Finding[] {
  return findings.filter(({ subject }) => subject.startsWith("privilege"));
}

describe("needs", () => {
  test("of the shipped homelab, by role", () => {
    expect(Object.fromEntries(rolesFor(needs))).toEqual({
      HomelabDeploy: [
        "Datastore.Allocate",
        "Datastore.AllocateSpace",
        "Datastore.AllocateTemplate",
        "SDN.Use",
        "VM.Allocate",
        "VM.Audit",
        "VM.Config.CDROM",
        "VM.Config.CPU",
        "VM.Config.Cloudinit",
        "VM.Config.Disk",
        "VM.Config.HWType",
        "VM.Config.Memory",
        "VM.Config.Network",
        "VM.Config.Options",
        "VM.GuestAgent.Audit",
        "VM.PowerMgmt",
      ],
      HomelabDeployNodes: ["Sys.Audit", "Sys.Modify"],
    });
  });

  test("of the shipped homelab, by path: only VLANs that guests are on, and nothing of the whole cluster but itself", () => {
    expect(grantsFor(needs)).toEqual([
      { path: "/", role: nodesRole, propagate: false },
      { path: "/nodes/pve-01", role: nodesRole, propagate: false },
      { path: "/nodes/pve-02", role: nodesRole, propagate: false },
      { path: "/sdn/zones/localnetwork/vmbr0/20", role: deployRole, propagate: false },
      { path: "/sdn/zones/localnetwork/vmbr0/30", role: deployRole, propagate: false },
      { path: "/sdn/zones/localnetwork/vmbr0/40", role: deployRole, propagate: false },
      { path: "/storage", role: deployRole, propagate: true },
      { path: "/vms", role: deployRole, propagate: true },
    ]);
  });

  test("never give Sys privileges on guests, which would open QEMU's monitor", () => {
    expect(needs.filter(({ role, privilege }) => (role === deployRole) === privilege.startsWith("Sys."))).toEqual([]);
  });

  test("without machines nothing of machines is asked for", () => {
    const plan: HomelabPlan = { ...shipped, machines: [] };
    expect(rolesFor(privilegeNeeds(plan, 9)).get(deployRole)).not.toContain("VM.Config.HWType");
    expect(rolesFor(privilegeNeeds(plan, 9)).get(deployRole)).not.toContain("VM.GuestAgent.Audit");
  });

  test("where no storage is to be made, nothing is asked for on all of them", () => {
    const storages = shipped.storages.filter(({ origin }) => origin === "installer");
    const paths = grantsFor(privilegeNeeds({ ...shipped, storages, images: [] }, 9)).map(({ path }) => path);
    expect(paths).not.toContain("/storage");
    expect(paths).toContain("/storage/local-zfs");
    const needed = privilegeNeeds({ ...shipped, storages, images: [] }, 9);
    expect(needed.filter(({ path }) => path === "/storage/local").map(({ privilege }) => privilege)).toEqual([
      "Datastore.Audit",
    ]);
  });

  test("Proxmox VE 8 has another privilege for the guest agent", () => {
    const [eight, nine] = [8, 9].map((major) => rolesFor(privilegeNeeds(shipped, major)).get(deployRole) ?? []);
    expect(eight?.filter((privilege) => nine?.includes(privilege) !== true)).toEqual(["VM.Monitor"]);
    expect(nine?.filter((privilege) => eight?.includes(privilege) !== true)).toEqual(["VM.GuestAgent.Audit"]);
  });
});

describe("privileges", () => {
  test("of the token that bootstrap has made are all that is needed", async ({ apiToken, findings }) => {
    expect(ofPrivileges(await findings({ apiToken }))).toEqual([
      { status: "ok", subject: "privileges: cluster", text: "The token has all that is needed: 2 privileges." },
      { status: "ok", subject: "privileges: nodes", text: "The token has all that is needed: 2 privileges." },
      { status: "ok", subject: "privileges: networks", text: "The token has all that is needed: 1 privilege." },
      { status: "ok", subject: "privileges: storages", text: "The token has all that is needed: 3 privileges." },
      { status: "ok", subject: "privileges: guests", text: "The token has all that is needed: 12 privileges." },
    ]);
  });

  test("a token that may do everything is told of", async ({ findingOn }) => {
    expect(await findingOn("privileges: least")).toEqual({
      status: "warning",
      subject: "privileges: least",
      text: "The token root@pam!simulator may do everything, which is more than the homelab needs.",
      remedy: "Make one that may do only what is needed:\n  npm run bootstrap",
    });
  });

  test("any one that is taken from its role is named, and no other", async ({ simulator, apiToken, findings }) => {
    const all = [...rolesFor(needs)].flatMap(([role, privileges]) =>
      privileges.map((privilege) => [role, privilege] as const),
    );
    const whole = simulator.state;
    for (const [role, privilege] of all) {
      simulator.reset(whole);
      take(simulator, role, privilege);
      const problems = ofPrivileges(await findings({ apiToken })).filter(({ status }) => status !== "ok");
      expect(problems.map(({ subject }) => subject)).toEqual([`privilege ${privilege}`]);
      const paths = needs.filter((need) => need.privilege === privilege).map(({ path }) => path);
      for (const path of paths) expect(problems[0]?.text).toContain(path);
      expect(problems[0]?.remedy).toBe(
        `Run npm run bootstrap, or on a node as root:\n  ${extendRoleCommand(role, [privilege])}`,
      );
    }
  }, 120_000);

  test("any that are taken together are all named", async ({ simulator, apiToken, findings }) => {
    const deploy = rolesFor(needs).get(deployRole) ?? [];
    const whole = simulator.state;
    await fc.assert(
      fc.asyncProperty(fc.subarray([...deploy], { minLength: 2 }), async (taken) => {
        simulator.reset(whole);
        for (const privilege of taken) take(simulator, deployRole, privilege);
        const problems = ofPrivileges(await findings({ apiToken })).filter(({ status }) => status !== "ok");
        expect(problems.map(({ subject }) => subject).sort()).toEqual(taken.map((name) => `privilege ${name}`).sort());
      }),
      { numRuns: 8 },
    );
  }, 60_000);

  test("are named with what they are for", async ({ simulator, apiToken, findingOn }) => {
    take(simulator, deployRole, "VM.PowerMgmt");
    expect(await findingOn("privilege VM.PowerMgmt", { apiToken })).toEqual({
      status: "problem",
      subject: "privilege VM.PowerMgmt",
      text: "VM.PowerMgmt is missing on /vms; it is needed to start and stop guests.",
      remedy:
        "Run npm run bootstrap, or on a node as root:\n  pveum role modify HomelabDeploy --append 1 --privs 'VM.PowerMgmt'",
    });
  });

  test("that the role has, but not there, are to be given there", async ({ simulator, apiToken, findingOn }) => {
    const grant = { path: "/sdn/zones/localnetwork/vmbr0/30", role: deployRole, propagate: false } as const;
    await simulator.request("PUT", "/access/acl", {
      path: grant.path,
      roles: deployRole,
      tokens: "homelab@pve!homelab",
      delete: "1",
    });
    const finding = {
      status: "problem",
      subject: "privilege SDN.Use",
      text: "SDN.Use is missing on /sdn/zones/localnetwork/vmbr0/30; it is needed to attach guests to the network.",
      remedy: `Run npm run bootstrap, or on a node as root:\n  ${grantCommand(grant, deployToken)}`,
    };
    expect(await findingOn("privilege SDN.Use", { apiToken })).toEqual(finding);
    expect(finding.remedy).toContain(
      "pveum acl modify /sdn/zones/localnetwork/vmbr0/30 --roles HomelabDeploy --users homelab@pve --tokens 'homelab@pve!homelab' --propagate 0",
    );
  });

  test("that do not go on to the guests are missing", async ({ simulator, apiToken, findings }) => {
    const acl = { path: "/vms", roles: deployRole, propagate: "0" };
    await simulator.request("PUT", "/access/acl", { ...acl, users: "homelab@pve", tokens: "homelab@pve!homelab" });
    const problems = ofPrivileges(await findings({ apiToken })).filter(({ status }) => status !== "ok");
    expect(problems).toHaveLength(12);
    expect(problems[0]?.remedy).toContain("pveum acl modify /vms --roles HomelabDeploy");
  });

  test("without the role, its making is the remedy", async ({ simulator, apiToken, findingOn }) => {
    await simulator.request("DELETE", `/access/roles/${nodesRole}`);
    expect((await findingOn("privilege Sys.Audit", { apiToken })).remedy).toBe(
      [
        "Run npm run bootstrap, or on a node as root:",
        "  pveum role add HomelabDeployNodes --privs 'Sys.Audit Sys.Modify'",
        ...["/", "/nodes/pve-01", "/nodes/pve-02"].map(
          (path) =>
            `  pveum acl modify ${path} --roles HomelabDeployNodes --users homelab@pve --tokens 'homelab@pve!homelab' --propagate 0`,
        ),
      ].join("\n"),
    );
  });

  test("what cannot be read without them is no proof of anything", async ({ simulator, apiToken, findings }) => {
    take(simulator, nodesRole, "Sys.Audit");
    take(simulator, deployRole, "VM.Audit");
    const found = await findings({ apiToken });
    const remedy = "Give the token the privileges that are missing (see there), and run this again.";
    expect(found).toContainEqual({
      status: "warning",
      subject: "cluster",
      text: "Not checked: Permission check failed (/, Sys.Audit).",
      remedy,
    });
    expect(found).toContainEqual({
      status: "warning",
      subject: "VMIDs",
      text: "Not checked: the token does not see guests (VM.Audit on /vms).",
      remedy,
    });
    expect(found.filter(({ status, subject }) => status === "problem" && !subject.startsWith("privilege"))).toEqual([]);
  });
});

describe("token", () => {
  test("is known", async ({ apiToken, findingOn }) => {
    expect(await findingOn("token", { apiToken })).toEqual({
      status: "ok",
      subject: "token",
      text: "Proxmox VE knows homelab@pve!homelab.",
    });
  });

  test("where there is none, bootstrap makes it, or these commands do", async ({ findingOn }) => {
    const finding = await findingOn("token", { apiToken: undefined });
    expect(finding).toMatchObject({ status: "problem", text: "The stack has no apiToken." });
    const lines = finding.remedy?.split("\n") ?? [];
    expect(lines.slice(0, 3)).toEqual([
      "Let bootstrap make one:",
      "  npm run bootstrap -- --stack homelab",
      "or on a node as root:",
    ]);
    expect(lines.map((line) => line.trim().split(" ").slice(0, 3).join(" ")).slice(3)).toEqual([
      "pveum role add",
      "pveum role add",
      "pveum user add",
      "pveum user token",
      ...grantsFor(needs).map(() => "pveum acl modify"),
      "and then, with",
      "npm run pulumi",
    ]);
    expect(lines.at(-1)).toBe("  npm run pulumi -- config set --secret --stack homelab apiToken");
  });

  test("what is none is not sent", async ({ simulator, findingOn }) => {
    const before = simulator.requests.length;
    expect(await findingOn("token", { apiToken: "hunter2" })).toEqual({
      status: "problem",
      subject: "token",
      text: "homelab:apiToken is not a token.",
      remedy:
        "It has the form user@realm!name=secret. Set it, typed in and not shown:\n  npm run pulumi -- config set --secret --stack homelab apiToken",
    });
    expect(simulator.requests.length).toBe(before);
  });

  test.for([
    ["homelab@pve!homelab=00000000-0000-0000-0000-000000000000", "invalid token value!"],
    ["homelab@pve!other=00000000-0000-0000-0000-000000000000", "no such token 'other' for user 'homelab@pve'"],
    ["nobody@pve!homelab=00000000-0000-0000-0000-000000000000", "no such user ('nobody@pve')"],
  ] as const)("%s is not let in, and its secret is not shown", async ([text, reason], { apiToken, findings }) => {
    expect(apiToken).not.toBe("");
    const found = await findings({ apiToken: text });
    const [id = "", secret = ""] = text.split("=");
    expect(found.find(({ subject }) => subject === "token")).toMatchObject({
      status: "problem",
      text: `Proxmox VE does not let ${id} in: ${reason}.`,
      remedy: expect.stringMatching(
        /^Let bootstrap make another:\n {2}npm run bootstrap -- --stack homelab --rotate\n/,
      ) as string,
    });
    expect(JSON.stringify(found)).not.toContain(secret);
  });
});

function take(
  { change }: { change: (recipe: (state: { access: { roles: Record<string, string[]> } }) => void) => void },
  role: RoleName,
  privilege: string,
): void {
  change(({ access: { roles } }) => {
    roles[role] = (roles[role] ?? []).filter((own) => own !== privilege);
  });
}
