import { afterAll, describe, expect } from "vitest";
import { AdminApi } from "../../src/bootstrap/admin-api.ts";
import { setUpAccess } from "../../src/bootstrap/set-up-access.ts";
import { setUpExporter } from "../../src/bootstrap/set-up-exporter.ts";
import { privilegeNeeds } from "../../src/doctor/needs.ts";
import { deployToken } from "../../src/doctor/token.ts";
import { findUnmanaged } from "../../src/drift/find-unmanaged.ts";
import { gatherKnown } from "../../src/drift/known.ts";
import type { UnmanagedLook } from "../../src/drift/look-for-unmanaged.ts";
import { ReadApi } from "../../src/proxmox/read-api.ts";
import { openConnection } from "../../src/proxmox/send.ts";
import { trustAuthorities } from "../../src/proxmox/trust.ts";
import { closeShared, shipped, test as base } from "../doctor/doctor-test.ts";

afterAll(closeShared);

const nothingYet = { deployment: { resources: [] } };
const known = gatherKnown(nothingYet, shipped, deployToken);

/** A test with a cluster on which bootstrap has been, and nothing else. */
const test = base.extend<{
  readonly apiToken: string;
  readonly look: (apiToken?: string) => Promise<readonly UnmanagedLook[]>;
}>({
  apiToken: async ({ simulator }, use) => {
    const connection = openConnection(simulator.url, trustAuthorities(simulator.ca));
    const api = await AdminApi.logIn(connection, simulator.username, simulator.password);
    const request = { needs: privilegeNeeds(shipped, 9), token: deployToken, tokenWorks: false, rotate: false };
    const { apiToken = "" } = await setUpAccess(api, request);
    await setUpExporter(api, { tokenWorks: false, rotate: false });
    connection.agent.destroy();
    await use(apiToken);
  },
  look: async ({ simulator, apiToken: _bootstrapped }, use) => {
    const connection = openConnection(simulator.url, trustAuthorities(simulator.ca));
    await use((apiToken = simulator.apiToken) =>
      findUnmanaged(known, ["pve-01", "pve-02"], new ReadApi(connection, apiToken)),
    );
    connection.agent.destroy();
  },
});

function told(looks: readonly UnmanagedLook[]) {
  return looks.flatMap(({ drifts }) => drifts).map(({ kind, what, where, is }) => [kind, what, where, is]);
}

describe("on a server on which bootstrap has been", () => {
  test("there is nothing that nobody knows of but the token with which we look", async ({ look }) => {
    const looks = await look();
    expect(told(looks)).toEqual([["unmanaged", "token root@pam!simulator", "the cluster", "there"]]);
    expect(looks.filter(({ unchecked }) => unchecked !== undefined)).toEqual([]);
  });

  test("what its token does not see is said, and is no fault", async ({ look, apiToken }) => {
    const looks = await look(apiToken);
    expect(told(looks)).toEqual([]);
    expect(looks.flatMap(({ subject, unchecked }) => (unchecked === undefined ? [] : [[subject, unchecked]]))).toEqual([
      ["resource pools", unseen("Pool.Audit on /pool")],
      ["users and tokens", unseen("Sys.Audit on /access/groups")],
      ["groups", unseen("Sys.Audit on /access/groups")],
      ["permissions", unseen("Sys.Audit on /access")],
    ]);
  });

  test("what the token may do is asked once", async ({ simulator, look }) => {
    const before = simulator.requests.length;
    await look();
    const asked = simulator.requests.slice(before).map(({ path }) => path);
    expect(asked.filter((path) => path.startsWith("/access/permissions"))).toHaveLength(1);
    expect(asked.length).toBeGreaterThan(10);
  });

  test("a privilege on a node counts that goes on from above, and no other", async ({ simulator, look }) => {
    const { value } = await simulator.request<{ value: string }>("POST", "/access/users/root@pam/token/looker");
    const give = (path: string, propagate: "0" | "1") =>
      simulator.request("PUT", "/access/acl", { path, roles: "PVEAuditor", tokens: "root@pam!looker", propagate });
    const rulesSeen = async () =>
      (await look(`root@pam!looker=${value}`))
        .filter(({ subject, unchecked }) => subject.startsWith("firewall rules of pve-") && unchecked === undefined)
        .map(({ subject }) => subject);
    await give("/nodes", "0");
    expect(await rulesSeen()).toEqual([]);
    await give("/nodes/pve-02", "0");
    expect(await rulesSeen()).toEqual(["firewall rules of pve-02"]);
    await give("/nodes", "1");
    expect(await rulesSeen()).toEqual(["firewall rules of pve-01", "firewall rules of pve-02"]);
  });

  test.for([
    ["role Mine", "Sys.Audit, VM.Audit", "POST", "/access/roles", { roleid: "Mine", privs: "VM.Audit,Sys.Audit" }],
    ["role Empty", "without privileges", "POST", "/access/roles", { roleid: "Empty" }],
    ["group friends", "empty", "POST", "/access/groups", { groupid: "friends" }],
    ["resource pool toys", "there", "POST", "/pools", { poolid: "toys" }],
    [
      "realm corp",
      "ldap",
      "POST",
      "/access/domains",
      { realm: "corp", type: "ldap", server1: "10.20.0.99", base_dn: "dc=corp", user_attr: "uid" },
    ],
    ["IP set friends", "there", "POST", "/cluster/firewall/ipset", { name: "friends" }],
    ["alias lan", "10.20.0.0/24", "POST", "/cluster/firewall/aliases", { name: "lan", cidr: "10.20.0.0/24" }],
    ["security group mine", "there", "POST", "/cluster/firewall/groups", { group: "mine" }],
    [
      "permission of homelab@pve on /vms",
      "Administrator, and below",
      "PUT",
      "/access/acl",
      { path: "/vms", users: "homelab@pve", roles: "Administrator" },
    ],
    [
      "permission of homelab@pve!homelab on /",
      "HomelabDeployNodes, and below",
      "PUT",
      "/access/acl",
      { path: "/", tokens: "homelab@pve!homelab", roles: "HomelabDeployNodes" },
    ],
    [
      "permission of homelab-exporter@pve!prometheus on /vms",
      "HomelabDeploy",
      "PUT",
      "/access/acl",
      { path: "/vms", tokens: "homelab-exporter@pve!prometheus", roles: "HomelabDeploy", propagate: "0" },
    ],
  ] as const)("%s is told", async ([what, is, method, path, parameters], { simulator, look }) => {
    await simulator.request(method, path, parameters);
    expect(told(await look())).toContainEqual(["unmanaged", what, "the cluster", is]);
    expect(told(await look())).toHaveLength(2);
  });
});

function unseen(privilege: string) {
  return { reason: `the token does not see all of it; it needs ${privilege}`, incomplete: false };
}
