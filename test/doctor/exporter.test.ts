import { afterAll, describe, expect } from "vitest";
import { AdminApi } from "../../src/bootstrap/admin-api.ts";
import { setUpExporter } from "../../src/bootstrap/set-up-exporter.ts";
import { openConnection } from "../../src/proxmox/send.ts";
import { trustAuthorities } from "../../src/proxmox/trust.ts";
import { closeShared, shipped, test as base } from "./doctor-test.ts";

afterAll(closeShared);

/** A test with a cluster on which bootstrap has been: the secret of the exporter's token. */
const test = base.extend<{ readonly secret: string }>({
  secret: async ({ simulator }, use) => {
    const connection = openConnection(simulator.url, trustAuthorities(simulator.ca));
    const api = await AdminApi.logIn(connection, simulator.username, simulator.password);
    const { secret = "" } = await setUpExporter(api, { tokenWorks: false, rotate: false });
    connection.agent.destroy();
    await use(secret);
  },
});

const subject = "exporter's token";

describe("the exporter's token", () => {
  test("that may read is fine", async ({ findingOn, secret }) => {
    expect(await findingOn(subject, { pveExporterToken: secret })).toEqual({
      status: "ok",
      subject,
      text: "Proxmox VE lets homelab-exporter@pve!prometheus read the whole cluster.",
    });
  });

  test("that nobody knows is a problem", async ({ findingOn, secret }) => {
    expect(await findingOn(subject, { pveExporterToken: `0${secret.slice(1)}x` })).toMatchObject({
      status: "problem",
      text: expect.stringMatching(/^Proxmox VE does not let homelab-exporter@pve!prometheus in: /) as string,
      remedy: expect.stringContaining("npm run bootstrap -- --stack homelab --rotate") as string,
    });
  });

  test("that may not read is a problem, with the commands", async ({ simulator, findingOn, secret }) => {
    await simulator.request("PUT", "/access/acl", {
      path: "/",
      tokens: "homelab-exporter@pve!prometheus",
      roles: "PVEAuditor",
      delete: "1",
    });
    expect(await findingOn(subject, { pveExporterToken: secret })).toMatchObject({
      status: "problem",
      text: "homelab-exporter@pve!prometheus lacks Datastore.Audit, Sys.Audit and VM.Audit on /: Prometheus would not see all of the cluster.",
      remedy: expect.stringContaining(
        "pveum acl modify / --roles PVEAuditor --users homelab-exporter@pve --tokens 'homelab-exporter@pve!prometheus' --propagate 1",
      ) as string,
    });
  });

  test("is of no concern where nothing asks Proxmox VE", async ({ findings, secret }) => {
    const { pveExporterToken: _, ...secrets } = shipped.secrets;
    const found = await findings({ pveExporterToken: secret, plan: { ...shipped, secrets } });
    expect(found.map((finding) => finding.subject)).not.toContain(subject);
  });
});
