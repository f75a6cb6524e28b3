import { X509Certificate } from "node:crypto";
import { startSimulator, type Simulator } from "@proxmox-homelab/simulator";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createAuthority, issueServerCertificate } from "../../simulator/src/certificates.ts";
import { AdminApi } from "../../src/bootstrap/admin-api.ts";
import { decideTrust } from "../../src/bootstrap/decide-trust.ts";
import { findAuthority } from "../../src/bootstrap/find-authority.ts";
import { lookAtCertificate } from "../../src/proxmox/certificate.ts";
import { openConnection, send } from "../../src/proxmox/send.ts";
import { trustAuthorities, type Trust } from "../../src/proxmox/trust.ts";

let simulator: Simulator;
let other: Simulator;

beforeAll(async () => {
  [simulator, other] = await Promise.all([startSimulator(), startSimulator()]);
});

afterAll(async () => {
  await Promise.all([simulator.close(), other.close()]);
});

async function decide(trust: Trust, fingerprint?: string) {
  return decideTrust(simulator.url, await lookAtCertificate(simulator.url, trust), { trust, fingerprint });
}

describe("whether a password may be sent", () => {
  test("an authority that is known decides it", async () => {
    const trust = trustAuthorities(simulator.ca);
    expect(await decide(trust)).toMatchObject({ kind: "decided", trust });
  });

  test("a fingerprint that is right pins the certificate", async () => {
    const { kind, trust } = await decide(trustAuthorities(undefined), simulator.fingerprint.toLowerCase());
    expect(kind).toBe("decided");
    expect(trust).toMatchObject({ kind: "pinned", fingerprint: simulator.fingerprint });
    const connection = openConnection(simulator.url, trust);
    await expect(send(connection, { method: "GET", path: "/version" })).rejects.toMatchObject({ status: 401 });
    connection.agent.destroy();
  });

  test("a pinned certificate is not another's", async () => {
    const { trust } = await decide(trustAuthorities(undefined), simulator.fingerprint);
    const connection = openConnection(other.url, trust);
    const before = other.requests.length;
    await expect(send(connection, { method: "GET", path: "/version" })).rejects.toThrow();
    expect(other.requests.length).toBe(before);
    connection.agent.destroy();
  });

  test("a fingerprint that differs is a reason to stop, even with a known authority", async () => {
    const expected = Array.from({ length: 32 }, () => "AB").join(":");
    const message = `What answers at ${simulator.url} has the fingerprint\n  ${simulator.fingerprint}\nand not\n  ${expected}\nSomeone else may be answering there. Nothing was sent.`;
    await expect(decide(trustAuthorities(undefined), "ab".repeat(32))).rejects.toThrow(message);
    await expect(decide(trustAuthorities(simulator.ca), "ab".repeat(32))).rejects.toThrow(message);
  });

  test("what is no fingerprint is said", async () => {
    await expect(decide(trustAuthorities(undefined), "12:34")).rejects.toThrow(
      "12:34 is not a fingerprint. It is the SHA-256 that the node itself shows with: pvenode cert info",
    );
  });

  test("without either, a person has to look", async () => {
    expect(await decide(trustAuthorities(undefined))).toMatchObject({
      kind: "ask",
      fingerprint: simulator.fingerprint,
      trust: { kind: "pinned" },
    });
  });

  test("where nobody answers there is nothing to decide", () => {
    const trust = trustAuthorities(undefined);
    expect(() =>
      decideTrust(
        "https://10.10.0.11:8006/",
        { kind: "unreachable", reason: "no answer" },
        { trust, fingerprint: undefined },
      ),
    ).toThrow("https://10.10.0.11:8006/ cannot be reached: no answer.");
  });
});

describe("the authority that the provider will trust", () => {
  async function find(certificate: string): Promise<string | undefined> {
    const connection = openConnection(simulator.url, trustAuthorities(simulator.ca));
    try {
      return await findAuthority(await AdminApi.logIn(connection, "root@pam", simulator.password), certificate);
    } finally {
      connection.agent.destroy();
    }
  }

  test("is the cluster's own, and makes the certificate trusted", async () => {
    const { trust } = await decide(trustAuthorities(undefined), simulator.fingerprint);
    if (trust.kind !== "pinned") throw new Error("The certificate was not pinned.");
    const authority = await find(trust.certificate);
    expect(new X509Certificate(authority ?? "").fingerprint256).toBe(new X509Certificate(simulator.ca).fingerprint256);
    const look = await lookAtCertificate(simulator.url, trustAuthorities(authority));
    expect(look).toMatchObject({ kind: "seen", certificate: { doubt: undefined } });
  });

  test("is a certificate itself that nobody else has signed", async () => {
    const { ca } = await createAuthority(30);
    expect(await find(ca)).toBe(ca);
  });

  test("is unknown where someone else has signed it", async () => {
    const { cert } = await issueServerCertificate(await createAuthority(30), ["pve-01"], 30);
    expect(await find(cert)).toBeUndefined();
  });
});
