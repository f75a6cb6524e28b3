import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createServerCertificate } from "../../simulator/src/certificates.ts";
import type { Inventory } from "../../src/inventory/inventory.ts";
import { programOf } from "../../src/plan/services/traefik/places.ts";
import type { StepPlan } from "../../src/plan/steps.ts";
import { buildObstacle, buildTraefik } from "./build-traefik.ts";
import { DebianGuest, obstacle } from "./debian-guest.ts";
import { applyStep, eventually, inventory, packagesOf, required, stepsOf } from "./guest-steps.ts";

// What both kinds of Traefik receive, in real Debians, with the real Traefik; the steps build on each other.
const settings = required(inventory.services.traefik);
const names = ["traefik-internal-01", "traefik-dmz"] as const;
const packages = packagesOf(names.flatMap((name) => stepsOf(name)));
const guests = { "traefik-internal-01": new DebianGuest(), "traefik-dmz": new DebianGuest() };
const reason =
  obstacle() ??
  buildObstacle(settings.version) ??
  Object.values(guests)
    .map((guest) => guest.install("trixie", packages))
    .find((why) => why !== undefined);
const minutes = 60_000;

/** What the journal has against it; it always warns of encoded characters, and here it gets no certificates of Let's Encrypt. */
function complaints(guest: DebianGuest): string[] {
  const { stdout } = guest.run("journalctl --quiet --output=cat --unit=traefik", "");
  return stdout
    .split("\n")
    .filter((line) => /\b(?:ERR|WRN|FTL|error)\b/.test(line) && !/acme|reject some encoded characters/i.test(line));
}

function takesAll(guest: DebianGuest, steps: readonly StepPlan[], secrets: Readonly<Record<string, string>> = {}) {
  for (const step of steps) {
    const { code, stderr } = applyStep(guest, step, 1, secrets);
    expect(stderr).toContain(`${step.name}: is in place`);
    expect(code).toBe(0);
  }
}

describe.skipIf(reason !== undefined)(`a real Traefik${reason === undefined ? "" : ` (skipped: ${reason})`}`, () => {
  beforeAll(async () => {
    const program = buildTraefik(settings.version);
    for (const name of names) {
      guests[name].place(program, programOf(settings.version));
      await guests[name].start(name, required({ ...inventory.containers, ...inventory.machines }[name]).address);
    }
  }, 40 * minutes);

  afterAll(async () => {
    for (const guest of Object.values(guests)) await guest.remove();
  });

  test.each(names)("takes what %s receives, and has nothing to say about it", async (name) => {
    const guest = guests[name];
    takesAll(guest, stepsOf(name));
    const metrics = () => guest.fetch("http://127.0.0.1:8082/metrics").stdout;
    const told = await eventually(metrics, (text) => text.includes("traefik_config_last_reload_success"));
    expect(told).toMatch(/^traefik_config_last_reload_success [1-9]/m);
    expect(complaints(guest)).toEqual([]);
  });

  test.each(names)("refuses in %s what it cannot read, and goes on with what it has", (name) => {
    const step = required(stepsOf(name).find((own) => own.name === `${name}-traefik-routes`));
    const files = step.files.map((file) => ({ ...file, text: ["http: { routers: { a: { rul: x } } }\n"] }));
    const { code, stderr } = applyStep(guests[name], { ...step, files }, 2);
    expect(stderr).toContain("field not found, node: rul");
    expect(stderr).toContain("was refused by its check; nothing was changed.");
    expect(code).toBe(1);
  });

  test("refuses a setting that it does not know", () => {
    const step = required(stepsOf("traefik-dmz").find(({ name }) => name === "traefik-dmz-traefik"));
    const files = step.files.map((file) =>
      file.path.endsWith(".yml") ? { ...file, text: ["entryPoints: { web: { adress: ':80' } }\n"] } : file,
    );
    const { code, stderr } = applyStep(guests["traefik-dmz"], { ...step, files }, 2);
    expect(stderr).toContain("field not found, node: adress");
    expect(code).toBe(1);
  });

  describe("with a certificate of an own authority", () => {
    const guest = guests["traefik-internal-01"];
    const domain = inventory.services.domain;

    beforeAll(async () => {
      const { cert, key } = await createServerCertificate([`*.${domain}`]);
      takesAll(
        guest,
        stepsOf("traefik-internal-01", withCertificate(cert)).filter(({ name }) => name.includes("-traefik")),
        { certificateKey: key },
      );
    });

    function ask(host: string, path: string, ...options: string[]) {
      const curl = `curl -sk -o /dev/null -D - --resolve ${host}:443:127.0.0.1 ${options.join(" ")} https://${host}${path}`;
      return guest.run(curl, "").stdout;
    }

    test("asks those who are behind it, who are not there, and knows nobody else", async () => {
      const answer = await eventually(
        () => ask(`grafana.${domain}`, "/"),
        (text) => text !== "",
      );
      expect(answer).toMatch(/^HTTP\/2 50[24]/);
      expect(answer).toMatch(/^strict-transport-security: max-age=31536000/m);
      expect(ask(`nobody.${domain}`, "/")).toMatch(/^HTTP\/2 404/);
    });

    test("sends to HTTPS who comes by HTTP", () => {
      const { stdout } = guest.run(`curl -s -o /dev/null -D - -H 'Host: grafana.${domain}' http://127.0.0.1/`, "");
      expect(stdout).toMatch(/^HTTP\/1.1 301/);
      expect(stdout).toContain(`Location: https://grafana.${domain}/`);
    });

    test("shows its dashboard with the password only, and all routers are enabled", () => {
      const host = `traefik-internal-01.${domain}`;
      expect(ask(host, "/api/overview")).toMatch(/^HTTP\/2 401/);
      expect(ask(host, "/api/overview", "-u admin:wrong")).toMatch(/^HTTP\/2 401/);
      const { stdout } = guest.run(
        `curl -sk -u admin:secret --resolve ${host}:443:127.0.0.1 https://${host}/api/http/routers`,
        "",
      );
      const routers = JSON.parse(stdout) as { name: string; status: string; provider: string }[];
      expect(routers.filter(({ status }) => status !== "enabled")).toEqual([]);
      expect(routers.map(({ name }) => name)).toContain("grafana@file");
    });
  });
});

function withCertificate(chain: string): Inventory {
  const { internal, ...others } = settings;
  const certificates = { kind: "file", chain, keySecret: "certificateKey" } as const;
  return {
    ...inventory,
    services: { ...inventory.services, traefik: { ...others, internal: { ...required(internal), certificates } } },
  };
}
