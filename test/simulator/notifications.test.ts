import { describe, expect } from "vitest";
import { test } from "./simulator-test.ts";

const base = "/cluster/notifications";
const gotify = { name: "phone", server: "https://gotify.home.arpa", token: "secret-token" };
const smtp = {
  name: "mail",
  server: "smtp.example.com",
  "from-address": "pve@example.com",
  mailto: "ops@example.com",
  password: "secret-password",
  port: "587",
  mode: "starttls",
};
const encode = (text: string) => Buffer.from(text).toString("base64");
const webhook = {
  name: "chat",
  method: "post",
  url: "https://chat.example.com/hook",
  header: `name=Content-Type,value=${encode("application/json")}`,
  secret: `name=key,value=${encode("secret-key")}`,
};

describe("what Proxmox comes with", () => {
  test("GET …/targets, …/endpoints/sendmail and …/matchers list it", async ({ simulator: { request } }) => {
    const mailToRoot = { name: "mail-to-root", comment: "Send mails to root@pam's email address", origin: "builtin" };
    expect(await request("GET", `${base}/targets`)).toEqual([{ ...mailToRoot, type: "sendmail" }]);
    expect(await request("GET", `${base}/endpoints/sendmail`)).toEqual([
      { ...mailToRoot, "mailto-user": ["root@pam"] },
    ]);
    expect(await request("GET", `${base}/matchers`)).toEqual([
      {
        name: "default-matcher",
        comment: "Route all notifications to mail-to-root",
        mode: "all",
        target: ["mail-to-root"],
        origin: "builtin",
      },
    ]);
  });

  test("can be changed, and is set back when it is deleted", async ({ simulator: { request } }) => {
    const path = `${base}/endpoints/sendmail/mail-to-root`;
    await request("PUT", path, { comment: "mine" });
    expect(await request("GET", path)).toMatchObject({ comment: "mine", origin: "modified-builtin" });
    await request("PUT", path, { comment: "Send mails to root@pam's email address" });
    expect(await request("GET", path)).toMatchObject({ origin: "builtin" });
    await request("PUT", path, { author: "me" });
    await request("DELETE", path);
    expect(await request("GET", path)).toEqual({
      name: "mail-to-root",
      comment: "Send mails to root@pam's email address",
      "mailto-user": ["root@pam"],
      origin: "builtin",
      digest: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    });
  });
});

describe("targets", () => {
  test("POST …/endpoints/gotify keeps the token to itself", async ({ simulator }) => {
    const { request } = simulator;
    await request("POST", `${base}/endpoints/gotify`, gotify);
    const shown = { name: "phone", server: "https://gotify.home.arpa", origin: "user-created" };
    expect(await request("GET", `${base}/endpoints/gotify`)).toEqual([shown]);
    expect(await request("GET", `${base}/endpoints/gotify/phone`)).toEqual({
      ...shown,
      digest: expect.any(String) as string,
    });
    expect(simulator.state.secrets).toEqual({ notificationEndpoints: { phone: { token: "secret-token" } } });
    await request("DELETE", `${base}/endpoints/gotify/phone`);
    expect(simulator.state.secrets).toEqual({ notificationEndpoints: {} });
  });

  test("POST …/endpoints/smtp keeps numbers and lists as what they are", async ({ simulator: { request } }) => {
    await request("POST", `${base}/endpoints/smtp`, smtp);
    const { name, server, mode } = smtp;
    expect(await request("GET", `${base}/endpoints/smtp`)).toEqual([
      {
        name,
        server,
        mode,
        "from-address": "pve@example.com",
        mailto: ["ops@example.com"],
        port: 587,
        origin: "user-created",
      },
    ]);
    await request("PUT", `${base}/endpoints/smtp/mail`, { delete: "port", disable: "1" });
    const changed = await request<object>("GET", `${base}/endpoints/smtp/mail`);
    expect(changed).toMatchObject({ disable: 1 });
    expect(changed).not.toHaveProperty("port");
  });

  test("PUT …/endpoints/webhook keeps secrets that come without a value", async ({ simulator }) => {
    const { request } = simulator;
    const path = `${base}/endpoints/webhook/chat`;
    await request("POST", `${base}/endpoints/webhook`, webhook);
    expect(await request("GET", path)).toMatchObject({ header: [webhook.header], secret: ["name=key"] });
    await request("PUT", path, { secret: "name=key" });
    expect(simulator.state.secrets?.notificationEndpoints?.["chat"]).toEqual({ secret: webhook.secret });
    await expect(request("PUT", path, { secret: "name=other" })).rejects.toMatchObject({
      status: 400,
      message: "secret 'other' not known",
    });
    await expect(request("PUT", path, { header: "name=X" })).rejects.toMatchObject({
      status: 400,
      message: "header 'X' has empty value",
    });
    await request("PUT", path, { delete: "secret" });
    expect(await request("GET", path)).toMatchObject({ secret: [] });
  });

  test.for([
    [
      "a name in use",
      { ...gotify, name: "default-matcher" },
      400,
      "Cannot create 'default-matcher', an entity with the same name already exists",
    ],
  ] as const)(
    "POST …/endpoints/gotify refuses %s",
    async ([, parameters, status, message], { simulator: { request } }) => {
      await expect(request("POST", `${base}/endpoints/gotify`, parameters)).rejects.toMatchObject({ status, message });
    },
  );

  test("POST …/endpoints/sendmail refuses one without a recipient", async ({ simulator: { request } }) => {
    await expect(request("POST", `${base}/endpoints/sendmail`, { name: "nobody" })).rejects.toMatchObject({
      status: 400,
      message: "must at least provide one recipient, either in mailto or in mailto-user",
    });
    expect(await request("GET", `${base}/targets`)).toHaveLength(1);
  });

  test("PUT refuses a stale digest, and what is not there", async ({ simulator: { request } }) => {
    await request("POST", `${base}/endpoints/gotify`, gotify);
    const path = `${base}/endpoints/gotify/phone`;
    const { digest } = await request<{ digest: string }>("GET", path);
    await request("PUT", path, { comment: "new", digest });
    await expect(request("PUT", path, { comment: "newer", digest })).rejects.toMatchObject({
      status: 400,
      message: "detected modified configuration - file changed by other user? Try again.",
    });
    await expect(request("PUT", `${base}/endpoints/gotify/none`, {})).rejects.toMatchObject({
      status: 404,
      message: "endpoint 'none' not found",
    });
    await expect(request("GET", `${base}/endpoints/smtp/phone`)).rejects.toMatchObject({ status: 404 });
  });

  test("DELETE refuses one that a matcher uses", async ({ simulator: { request } }) => {
    await request("POST", `${base}/endpoints/gotify`, gotify);
    await request("POST", `${base}/matchers`, { name: "backups", target: "phone" });
    await expect(request("DELETE", `${base}/endpoints/gotify/phone`)).rejects.toMatchObject({
      status: 400,
      message: "cannot delete 'phone', referenced by: backups",
    });
    await request("DELETE", `${base}/matchers/backups`);
    await request("DELETE", `${base}/endpoints/gotify/phone`);
    expect(await request("GET", `${base}/endpoints/gotify`)).toEqual([]);
  });

  test("POST …/targets/{name}/test delivers, and refuses what is not there", async ({ simulator }) => {
    expect(await simulator.request("POST", `${base}/targets/mail-to-root/test`)).toBeNull();
    expect(simulator.state.sent).toMatchObject([{ target: "mail-to-root", title: "Test notification" }]);
    await expect(simulator.request("POST", `${base}/targets/none/test`)).rejects.toMatchObject({
      status: 404,
      message: "endpoint 'none' does not exist",
    });
  });
});

describe("matchers", () => {
  test("POST, PUT and GET …/matchers/{name}", async ({ simulator: { request } }) => {
    const path = `${base}/matchers/backups`;
    await request("POST", `${base}/matchers`, {
      name: "backups",
      "match-field": "exact:type=vzdump",
      "match-severity": "error,warning",
      target: "mail-to-root",
      "invert-match": "1",
    });
    expect(await request("GET", path)).toEqual({
      name: "backups",
      "match-field": ["exact:type=vzdump"],
      "match-severity": ["error,warning"],
      "invert-match": 1,
      target: ["mail-to-root"],
      origin: "user-created",
      digest: expect.any(String) as string,
    });
    await request("PUT", path, { delete: "invert-match", mode: "any" });
    const changed = await request<object>("GET", path);
    expect(changed).toMatchObject({ mode: "any" });
    expect(changed).not.toHaveProperty("invert-match");
  });

  test.for([
    [{ target: "none" }, 404, "endpoint 'none' does not exist"],
    [{ "match-severity": "loud" }, 500, "invalid severity loud"],
    [{ "match-field": "type" }, 500, "could not apply filter: invalid match-field statement: type"],
  ] as const)("POST …/matchers refuses %o", async ([parameters, status, message], { simulator: { request } }) => {
    await expect(request("POST", `${base}/matchers`, { name: "x1", ...parameters })).rejects.toMatchObject({
      status,
      message,
    });
  });

  test("GET …/matcher-field-values knows nodes, and jobs by their comments", async ({ simulator: { request } }) => {
    const values = await request<object[]>("GET", `${base}/matcher-field-values`);
    expect(values).toContainEqual({ field: "hostname", value: "pve-02" });
    expect(values).toContainEqual({ field: "type", value: "vzdump" });
    expect(await request("GET", `${base}/matcher-fields`)).toEqual([
      { name: "type" },
      { name: "hostname" },
      { name: "job-id" },
    ]);
  });
});
