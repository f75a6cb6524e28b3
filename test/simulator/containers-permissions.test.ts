import { expect } from "vitest";
import type { Simulator } from "@proxmox-homelab/simulator";
import { logIn, withToken, type Client } from "./clients.ts";
import { containers, grafana } from "./container-requests.ts";
import { test } from "./simulator-test.ts";

const config = `${containers}/101/config`;

/** Someone with these privileges on a path, and what every creation needs of storages and bridges. */
async function userWith(simulator: Simulator, path: string, privileges: string): Promise<Client> {
  await simulator.request("POST", "/access/users", { userid: "ann@pve" });
  await simulator.request("POST", "/access/roles", { roleid: "Own", privs: privileges });
  await simulator.request("POST", "/access/roles", {
    roleid: "Disks",
    privs: "Datastore.AllocateSpace,Datastore.Audit",
  });
  await simulator.request("PUT", "/access/acl", { path, users: "ann@pve", roles: "Own" });
  await simulator.request("PUT", "/access/acl", { path: "/storage", users: "ann@pve", roles: "Disks" });
  const { value, "full-tokenid": id } = await simulator.request<{ value: string; "full-tokenid": string }>(
    "POST",
    "/access/users/ann@pve/token/test",
    { privsep: "0" },
  );
  return withToken(simulator, `${id}=${value}`);
}

const all = "VM.Allocate,VM.Audit,VM.Config.CPU,VM.Config.Disk,VM.Config.Memory,VM.Config.Network,VM.Config.Options";

test("POST /nodes/{node}/lxc in a pool needs the privileges on the pool only, and SDN.Use on the bridge", async ({
  simulator,
}) => {
  await simulator.request("POST", "/pools", { poolid: "lab" });
  const ann = await userWith(simulator, "/pool/lab", all);
  const parameters = { ...grafana, pool: "lab" };
  await expect(ann("POST", containers, grafana)).rejects.toMatchObject({
    status: 403,
    message: "Permission check failed",
  });
  await expect(ann("POST", containers, parameters)).rejects.toMatchObject({
    status: 403,
    message: "Permission check failed (/sdn/zones/localnetwork/vmbr0, SDN.Use)",
  });
  await simulator.request("PUT", "/access/acl", { path: "/sdn/zones", users: "ann@pve", roles: "PVESDNUser" });
  await ann("POST", containers, parameters);
  expect(simulator.state.guests[101]).toMatchObject({ config: { lock: "create" } });
});

test("POST /nodes/{node}/lxc of a privileged container needs Sys.Modify", async ({ simulator }) => {
  const ann = await userWith(simulator, "/vms", all);
  await expect(ann("POST", containers, { ...grafana, unprivileged: "0" })).rejects.toMatchObject({
    message: "Permission check failed (/, Sys.Modify)",
  });
});

test("PUT …/config asks for the privilege of each setting", async ({ simulator, run }) => {
  await run("POST", containers, grafana);
  const ann = await userWith(simulator, "/vms/101", "VM.Audit,VM.Config.CPU");
  await ann("PUT", config, { cores: "2" });
  for (const [parameters, privilege] of [
    [{ memory: "1024" }, "VM.Config.Memory"],
    [{ swap: "0" }, "VM.Config.Memory"],
    [{ hostname: "other" }, "VM.Config.Network"],
    [{ delete: "net0" }, "VM.Config.Network"],
    [{ mp0: "local-zfs:1,mp=/data" }, "VM.Config.Disk"],
    [{ onboot: "1" }, "VM.Config.Options"],
    [{ features: "nesting=1" }, "VM.Allocate"],
  ] as const) {
    await expect(ann("PUT", config, parameters)).rejects.toMatchObject({
      status: 403,
      message: `Permission check failed (/vms/101, ${privilege})`,
    });
  }
});

test("GET /nodes/{node}/lxc shows what one may see", async ({ simulator, run }) => {
  await run("POST", containers, grafana);
  await run("POST", containers, { ...grafana, vmid: "102" });
  const ann = await userWith(simulator, "/vms/102", "VM.Audit");
  expect(await ann("GET", containers)).toMatchObject([{ vmid: 102 }]);
});

test("root with a password may do what no token may", async ({ simulator, clock }) => {
  const { client } = await logIn(simulator, simulator.username, simulator.password);
  await client("POST", containers, { ...grafana, mp0: "/mnt/media,mp=/media,ro=1", features: "keyctl=1,nesting=1" });
  clock.advance(60);
  await client("PUT", config, { dev0: "/dev/dri/renderD128,gid=104" });
  expect(simulator.state.guests[101]?.config).toMatchObject({
    mp0: "/mnt/media,mp=/media,ro=1",
    features: "keyctl=1,nesting=1",
    dev0: "/dev/dri/renderD128,gid=104",
  });
  await client("POST", `${containers}/101/snapshot`, { snapname: "one" });
  clock.advance(60);
  expect(simulator.state.guests[101]?.snapshots).toEqual({});
});
