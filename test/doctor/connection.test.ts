import { createServer } from "node:net";
import { afterAll, describe, expect } from "vitest";
import { checkConnection } from "../../src/doctor/check-connection.ts";
import { checkVersions } from "../../src/doctor/check-version.ts";
import { examine } from "../../src/doctor/examine.ts";
import { parseFingerprint, type CertificateLook } from "../../src/proxmox/certificate.ts";
import { closeShared, test } from "./doctor-test.ts";

afterAll(closeShared);

const now = new Date("2026-06-01T00:00:00Z");
const settings = { endpoint: "https://10.10.0.11:8006/", caFile: undefined, insecure: false, stack: "homelab" };
const trust = (fingerprint: string, host: string) =>
  [
    "",
    `  npm run bootstrap -- --stack homelab --host ${host} --fingerprint ${fingerprint}`,
    "or, if there is a token already:",
    `  scp root@${host}:/etc/pve/pve-root-ca.pem pve-root-ca.pem`,
    "  npm run pulumi -- config set --stack homelab caFile pve-root-ca.pem",
  ].join("\n");

function seen(doubt: string | undefined, validTo = "2027-06-01T00:00:00Z"): CertificateLook {
  const names = ["127.0.0.1", "pve-01", "pve-01.home.arpa"];
  return { kind: "seen", certificate: { pem: "", fingerprint: "AB:CD", names, validTo: new Date(validTo), doubt } };
}

describe("endpoint", () => {
  test("what does not answer leaves nothing else to look at", async ({ target }) => {
    const port = await unusedPort();
    const { reached, findings } = await examine({ ...target, endpoint: `https://127.0.0.1:${port}/` });
    expect(reached).toBe(false);
    expect(findings).toEqual([
      {
        status: "problem",
        subject: "endpoint",
        text: `https://127.0.0.1:${port}/ cannot be reached: connect ECONNREFUSED 127.0.0.1:${port}.`,
        remedy:
          "Is the node on, and is this its address? Set it with:\n  npm run pulumi -- config set --stack homelab endpoint https://ADDRESS:8006/",
      },
    ]);
  });

  test("what answers in another protocol is no endpoint", async ({ simulator, target }) => {
    const [ssh] = simulator.ssh;
    const { reached, findings } = await examine({ ...target, endpoint: `https://127.0.0.1:${ssh?.port ?? 0}/` });
    expect(reached).toBe(false);
    expect(findings[0]?.text).toMatch(/ cannot be reached: what answers does not speak TLS\.$/);
  });
});

describe("certificate", () => {
  test("is trusted by the stack's authority", async ({ simulator, findingOn }) => {
    const until = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
    expect(await findingOn("certificate")).toEqual({
      status: "ok",
      subject: "certificate",
      text: `It is trusted by ca.pem, until ${until}.`,
    });
    expect(await findingOn("endpoint")).toMatchObject({ status: "ok", text: `${simulator.url} answers.` });
  });

  test("without the authority the fingerprint is shown, and the token is not sent", async ({ simulator, target }) => {
    const before = simulator.requests.length;
    const { reached, findings } = await examine({ ...target, ca: undefined });
    expect(reached).toBe(true);
    expect(findings).toContainEqual({
      status: "problem",
      subject: "certificate",
      text: `It is not trusted by the system's authorities (UNABLE_TO_VERIFY_LEAF_SIGNATURE). Its fingerprint is ${simulator.fingerprint}.`,
      remedy: `Compare the fingerprint with the one on the node (pvenode cert info); if it is the same, trust the cluster's own authority:${trust(simulator.fingerprint, "127.0.0.1")}`,
    });
    expect(findings).toContainEqual({
      status: "warning",
      subject: "token",
      text: "Not checked: the certificate has to be trusted first.",
      remedy: "Run this again; if it stays, look at the node's log: journalctl -u pvedaemon -u pveproxy.",
      unchecked: true,
    });
    expect(simulator.requests.length).toBe(before);
  });

  test("with insecure nothing is known of who answers", async ({ simulator, findingOn }) => {
    expect(await findingOn("certificate", { insecure: true, ca: undefined })).toEqual({
      status: "warning",
      subject: "certificate",
      text: `It is not looked at, because homelab:insecure is set: anyone on the way may read the token. Its fingerprint is ${simulator.fingerprint}.`,
      remedy: `Trust the cluster's own authority instead:${trust(simulator.fingerprint, "127.0.0.1")}\n  npm run pulumi -- config rm --stack homelab insecure`,
    });
  });

  test("for other names than the address is a problem", () => {
    expect(checkConnection(seen("ERR_TLS_CERT_ALTNAME_INVALID"), settings, now)[1]).toEqual({
      status: "problem",
      subject: "certificate",
      text: "It is trusted, but not for 10.10.0.11: it names 127.0.0.1, pve-01 and pve-01.home.arpa.",
      remedy:
        "Use one of these in the address:\n  npm run pulumi -- config set --stack homelab endpoint https://NAME:8006/",
    });
  });

  test("that has expired, or will soon, is to be renewed", () => {
    expect(checkConnection(seen("CERT_HAS_EXPIRED"), settings, now)[1]).toEqual({
      status: "problem",
      subject: "certificate",
      text: "It is not valid at this time.",
      remedy:
        "If the clock here is right, let a node renew it:\n  pvecm updatecerts --force && systemctl restart pveproxy",
    });
    expect(checkConnection(seen(undefined, "2026-06-10T00:00:00Z"), settings, now)[1]).toEqual({
      status: "warning",
      subject: "certificate",
      text: "It is trusted, but only until 2026-06-10.",
      remedy:
        "A node renews it by itself two weeks before; ask it to now:\n  pvecm updatecerts --force && systemctl restart pveproxy",
    });
    expect(checkConnection(seen(undefined), settings, now)[1]).toMatchObject({
      status: "ok",
      text: "It is trusted by the system's authorities, until 2027-06-01.",
    });
  });
});

describe("fingerprints", () => {
  const digits = "ab".repeat(32);
  test.for([digits, digits.toUpperCase(), `SHA256:${digits}`, (digits.match(/../g) ?? []).join(":")])(
    "%s is read",
    (text) => {
      expect(parseFingerprint(text)).toBe(Array.from({ length: 32 }, () => "AB").join(":"));
    },
  );
  test.for(["", "ab:cd", `${digits}0`, digits.replace("a", "g")])("%s is none", (text) => {
    expect(parseFingerprint(text)).toBeUndefined();
  });
});

describe("version", () => {
  const upgrade = "Upgrade: https://pve.proxmox.com/wiki/Upgrade_from_8_to_9.";
  test.for([
    ["9.2.3", { status: "ok", subject: "version", text: "Proxmox VE 9.2.3 on pve-01." }],
    ["9.0", { status: "ok", subject: "version", text: "Proxmox VE 9.0 on pve-01." }],
    [
      "8.4.1",
      {
        status: "warning",
        subject: "version",
        text: "Proxmox VE 8.4.1 on pve-01 will do; 9 is what this is tried with.",
        remedy: upgrade,
      },
    ],
    [
      "8.3.5",
      {
        status: "problem",
        subject: "version",
        text: "Proxmox VE 8.3.5 on pve-01 is older than 8.4.",
        remedy: upgrade,
      },
    ],
    [
      "7.4",
      { status: "problem", subject: "version", text: "Proxmox VE 7.4 on pve-01 is older than 8.4.", remedy: upgrade },
    ],
  ] as const)("%s", ([version, finding]) => {
    expect(checkVersions({ "pve-01": read(version) })).toEqual([finding]);
  });

  test("nodes that differ are told apart", async ({ findingOn }) => {
    expect(await findingOn("version")).toMatchObject({ text: "Proxmox VE 9.2.3 on pve-01 and pve-02." });
    expect(checkVersions({ a: read("9.2.3"), b: read("8.4.0"), c: read("9.2.3") }).map(({ text }) => text)).toEqual([
      "Proxmox VE 9.2.3 on a and c.",
      "Proxmox VE 8.4.0 on b will do; 9 is what this is tried with.",
    ]);
  });
});

function unusedPort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      server.close(() => {
        resolve(port);
      });
    });
  });
}

function read(version: string): { kind: "read"; value: { version: string } } {
  return { kind: "read", value: { version } };
}
