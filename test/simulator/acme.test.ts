import { describe, expect } from "vitest";
import type { Simulator } from "@proxmox-homelab/simulator";
import { logIn, type Client } from "./clients.ts";
import { test } from "./simulator-test.ts";

const plugins = "/cluster/acme/plugins";
const accounts = "/cluster/acme/account";
const digest: unknown = expect.stringMatching(/^[0-9a-f]{40}$/);

/** Accounts are for root himself: no token will do. */
async function asRoot(simulator: Simulator): Promise<Client> {
  return (await logIn(simulator, simulator.username, simulator.password)).client;
}

describe("plugins", () => {
  test("the standalone one is always there", async ({ simulator: { request } }) => {
    const standalone = { plugin: "standalone", type: "standalone", digest };
    expect(await request("GET", plugins)).toEqual([standalone]);
    await request("DELETE", `${plugins}/standalone`);
    expect(await request("GET", `${plugins}/standalone`)).toEqual(standalone);
  });

  test("POST, GET and PUT …/plugins/{id} take data in base64 and show it", async ({ simulator: { request } }) => {
    const data = Buffer.from("CF_Token=abc\nCF_Account_ID=1").toString("base64");
    await request("POST", plugins, { id: "cloudflare", type: "dns", api: "cf", data, "validation-delay": "60" });
    expect(await request("GET", `${plugins}/cloudflare`)).toEqual({
      plugin: "cloudflare",
      type: "dns",
      api: "cf",
      data: "CF_Token=abc\nCF_Account_ID=1",
      "validation-delay": 60,
      digest,
    });
    await request("PUT", `${plugins}/cloudflare`, { delete: "validation-delay", api: "hetzner" });
    expect(await request("GET", plugins, { type: "dns" })).toMatchObject([{ plugin: "cloudflare", api: "hetzner" }]);
    await request("DELETE", `${plugins}/cloudflare`);
    await expect(request("GET", `${plugins}/cloudflare`)).rejects.toMatchObject({
      status: 500,
      message: "ACME plugin 'cloudflare' not defined",
    });
  });

  test.for([
    [{ id: "standalone", type: "dns", api: "cf" }, "ACME plugin ID 'standalone' already exists"],
    [{ id: "dns", type: "dns" }, "missing value for required option 'api'"],
    [{ id: "web", type: "standalone", api: "cf" }, "unexpected property 'api'"],
  ] as const)("POST …/plugins refuses %o", async ([parameters, message], { simulator: { request } }) => {
    await expect(request("POST", plugins, parameters)).rejects.toMatchObject({ status: 500, message });
  });

  test("PUT …/plugins/{id} refuses what is not there", async ({ simulator: { request } }) => {
    await expect(request("PUT", `${plugins}/none`, { api: "cf" })).rejects.toMatchObject({
      status: 500,
      message: "ACME plugin ID 'none' does not exist",
    });
  });
});

describe("accounts", () => {
  test("a token of root is not enough", async ({ simulator: { request } }) => {
    await expect(request("POST", accounts, { contact: "me@example.com" })).rejects.toMatchObject({
      status: 403,
      message: "Permission check failed (user != root@pam)",
    });
  });

  test("POST …/account registers, PUT updates, DELETE deactivates", async ({ simulator, clock }) => {
    const root = await asRoot(simulator);
    const tos = await simulator.request<string>("GET", "/cluster/acme/tos");
    const end = async (upid: string) => {
      clock.advance(60);
      const [, node = ""] = upid.split(":");
      return root("GET", `/nodes/${node}/tasks/${upid}/status`);
    };
    const registered = await root<string>("POST", accounts, { contact: "me@example.com", tos_url: tos });
    expect(await end(registered)).toMatchObject({ type: "acmeregister", exitstatus: "OK" });
    expect(await root("GET", accounts)).toEqual([{ name: "default" }]);
    expect(await root("GET", `${accounts}/default`)).toEqual({
      account: { contact: ["mailto:me@example.com"], createdAt: expect.any(String) as string, status: "valid" },
      directory: "https://acme-v02.api.letsencrypt.org/directory",
      location: expect.stringMatching(/^https:\/\/acme-v02\.api\.letsencrypt\.org\/acme\/acct\/\d+$/) as string,
      tos,
    });
    const updated = await root<string>("PUT", `${accounts}/default`, { contact: "me@example.com,you@example.com" });
    expect(await end(updated)).toMatchObject({ type: "acmeupdate", exitstatus: "OK" });
    expect(await root("GET", `${accounts}/default`)).toMatchObject({
      account: { contact: ["mailto:me@example.com", "mailto:you@example.com"] },
    });
    await end(await root<string>("DELETE", `${accounts}/default`));
    expect(await root("GET", accounts)).toEqual([]);
  });

  test("refuse a name in use, and one that is not there", async ({ simulator, clock }) => {
    const root = await asRoot(simulator);
    await root("POST", accounts, { name: "mine", contact: "me@example.com", tos_url: "https://example.com/tos" });
    clock.advance(60);
    await expect(root("POST", accounts, { name: "mine", contact: "me@example.com" })).rejects.toMatchObject({
      status: 400,
      errors: { name: "ACME account config file 'mine' already exists." },
    });
    await expect(root("GET", `${accounts}/none`)).rejects.toMatchObject({
      status: 400,
      errors: { name: "ACME account config file 'none' does not exist." },
    });
  });
});

test("GET …/directories and …/challenge-schema", async ({ simulator: { request } }) => {
  expect(await request("GET", "/cluster/acme/directories")).toEqual([
    { name: "Let's Encrypt V2", url: "https://acme-v02.api.letsencrypt.org/directory" },
    { name: "Let's Encrypt V2 Staging", url: "https://acme-staging-v02.api.letsencrypt.org/directory" },
  ]);
  const schemas = await request<object[]>("GET", "/cluster/acme/challenge-schema");
  expect(schemas).toContainEqual({ id: "cf", name: "cf", type: "dns", schema: {} });
});
