import { afterAll, describe, expect } from "vitest";
import { Deployment } from "../../src/adopt/engine-files.ts";
import { addSnippetDrift } from "../../src/drift/find-snippet-drift.ts";
import type { ResourceLook } from "../../src/drift/find-resource-drift.ts";
import type { Access } from "../../src/provision/on-node.ts";
import { closeShared, test as base } from "../doctor/doctor-test.ts";

afterAll(closeShared);

const urn = "urn:pulumi:home::homelab::proxmoxve:index/fileLegacy:FileLegacy::gitlab-user-data";
const text = "#cloud-config\n# für GitLab\nusers: []\n";
const inputs = {
  nodeName: "pve-01",
  datastoreId: "local",
  contentType: "snippets",
  sourceRaw: { data: text, fileName: "gitlab user.yaml" },
};
const state = Deployment.parse({ deployment: { resources: [{ urn, inputs }] } });
const intact: ResourceLook = { area: "resources", urn, subject: "snippet gitlab-user-data", drifts: [] };

/** A test with the snippet on a node, of which something else may be in it. */
const test = base.extend<{
  readonly access: Access;
  readonly write: (content: string | undefined) => void;
}>({
  access: async ({ simulator: { ssh } }, use) => {
    const nodes = ssh.map(({ node, host, port }) => [node, { address: host, port, hostKey: undefined }] as const);
    await use({ username: "root", privateKey: ssh[0]?.privateKey, nodes: new Map(nodes) });
  },
  write: async ({ simulator }, use) => {
    const name = "snippets/gitlab user.yaml";
    await use((content) => {
      simulator.change(({ storages, volumes }) => {
        const { local } = storages;
        if (local !== undefined) local.config["content"] = "iso,snippets,vztmpl";
        const data = Buffer.from(content ?? "").toString("base64");
        const size = Buffer.byteLength(content ?? "");
        const volume = { name, content: "snippets", format: "snippet", size, created: 0, data } as const;
        volumes["pve-01/local"] = content === undefined ? {} : { [name]: volume };
      });
    });
  },
});

async function lookAgain(access: Access, look = intact): Promise<ResourceLook | undefined> {
  return (await addSnippetDrift([look], state, access))[0];
}

describe("a snippet", () => {
  test("is as it was", async ({ access, write }) => {
    write(text);
    expect(await lookAgain(access)).toEqual(intact);
  });

  test.for([
    ["has another text", text.replace("GitLab", "Gitlab"), "another text of the same length"],
    ["is gone in the meantime", undefined, null],
  ] as const)("%s", async ([, content, is], { access, write }) => {
    write(content);
    const [drift] = (await lookAgain(access))?.drifts ?? [];
    expect(drift).toMatchObject({
      kind: "changed",
      what: "snippet gitlab-user-data: sourceRaw.data",
      where: "pve-01",
      was: `${Buffer.byteLength(text)} bytes`,
      is,
    });
  });

  test("that has another length, or could not be looked at, is left as it was found", async ({ access, write }) => {
    write(text.replace("GitLab", "Gitlab"));
    const drift = { kind: "changed", what: "its length", where: "pve-01", was: 1, is: 2 } as const;
    const longer = { ...intact, drifts: [drift] };
    expect(await lookAgain(access, longer)).toEqual(longer);
    const unread = { ...intact, unchecked: { reason: "no quorum", incomplete: true } };
    expect(await lookAgain(access, unread)).toEqual(unread);
  });

  test.for([
    ["without an address", { nodes: new Map() }, "the stack's settings have no address of pve-01 in homelab:ssh"],
    ["without a key", { privateKey: "none" }, /^pve-01 cannot be reached over SSH: /],
  ] as const)("is not checked on a node %s", async ([, change, reason], { access, write }) => {
    write(text);
    const look = await lookAgain({ ...access, ...change });
    expect(look?.drifts).toEqual([]);
    expect(look?.unchecked).toEqual({ reason: expect.stringMatching(reason) as string, incomplete: true });
  });
});
