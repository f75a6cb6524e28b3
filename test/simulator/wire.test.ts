import { connect } from "node:tls";
import { describe, expect } from "vitest";
import type { Simulator } from "@proxmox-homelab/simulator";
import { send } from "./clients.ts";
import { test } from "./simulator-test.ts";

const form = { "content-type": "application/x-www-form-urlencoded" };

async function logIn(simulator: Simulator): Promise<{ ticket: string; CSRFPreventionToken: string }> {
  const body = new URLSearchParams({ username: simulator.username, password: simulator.password }).toString();
  const reply = await send(simulator, "POST", "/api2/json/access/ticket", { headers: form, body });
  expect(reply.status).toBe(200);
  return (reply.body as { data: { ticket: string; CSRFPreventionToken: string } }).data;
}

describe("who may ask", () => {
  test("GET /version without credentials is refused", async ({ simulator }) => {
    const { status, reason } = await send(simulator, "GET", "/api2/json/version");
    expect({ status, reason }).toEqual({ status: 401, reason: "No ticket" });
  });

  test("GET /version with the token, and with a wrong secret", async ({ simulator }) => {
    const authorization = `PVEAPIToken=${simulator.apiToken}`;
    const { body } = await send(simulator, "GET", "/api2/json/version", { headers: { authorization } });
    expect(body).toEqual({ data: { version: "9.2.3", release: "9.2", repoid: expect.any(String) as string } });
    const wrong = { authorization: `${authorization.slice(0, -1)}!` };
    expect(await send(simulator, "GET", "/api2/json/version", { headers: wrong })).toMatchObject({ status: 401 });
  });

  test("POST /access/ticket gives a ticket; writing needs its CSRF token too", async ({ simulator }) => {
    const { ticket, CSRFPreventionToken: csrf } = await logIn(simulator);
    const cookie = `PVEAuthCookie=${encodeURIComponent(ticket)}`;
    expect(await send(simulator, "GET", "/api2/json/version", { headers: { cookie } })).toMatchObject({ status: 200 });
    const put = (headers: Record<string, string>) =>
      send(simulator, "PUT", "/api2/json/nodes/pve-01/lxc/101/config", {
        headers: { ...form, cookie, ...headers },
        body: "cores=1",
      });
    expect(await put({})).toMatchObject({ status: 401, reason: "Permission denied - invalid csrf token" });
    expect(await put({ csrfpreventiontoken: csrf })).toMatchObject({ status: 500 });
  });

  test("POST /access/ticket refuses a wrong password", async ({ simulator }) => {
    const body = "username=root%40pam&password=wrong";
    const { status, reason } = await send(simulator, "POST", "/api2/json/access/ticket", { headers: form, body });
    expect({ status, reason }).toEqual({ status: 401, reason: "authentication failure" });
  });
});

test("the message of a refusal is in the status line", async ({ simulator }) => {
  const authorization = `PVEAPIToken=${simulator.apiToken}`;
  const reply = await send(simulator, "GET", "/api2/json/nodes/pve-01/lxc/501/config/", { headers: { authorization } });
  expect(reply).toMatchObject({
    status: 500,
    reason: "Configuration file 'nodes/pve-01/lxc/501.conf' does not exist",
    body: { data: null },
  });
});

test("an endpoint that is not there answers 501 and names itself", async ({ simulator }) => {
  await expect(simulator.request("GET", "/nodes/pve-01/toaster")).rejects.toMatchObject({
    status: 501,
    message: "Method 'GET /nodes/pve-01/toaster' not implemented",
  });
  expect(simulator.unimplemented).toEqual(["GET /nodes/pve-01/toaster"]);
});

test("the certificate is signed by the authority and has the fingerprint", async ({ simulator }) => {
  const { hostname, port } = new URL(simulator.url);
  const fingerprint = await new Promise<string>((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port), ca: simulator.ca }, () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.destroy();
    });
    socket.on("error", reject);
  });
  expect(fingerprint).toBe(simulator.fingerprint);
});

test("requests are remembered without what they carry", async ({ simulator }) => {
  await logIn(simulator);
  expect(JSON.stringify(simulator.requests)).not.toContain(simulator.password);
  expect(simulator.requests).toMatchObject([{ method: "POST", path: "/access/ticket", status: 200 }]);
});
