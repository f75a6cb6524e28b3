import { describe, expect, test } from "vitest";
import { facts } from "../../simulator/src/api/facts.ts";
import { RouteTable } from "../../simulator/src/route-table.ts";

const table = new RouteTable<string>();
for (const key of Object.keys(facts)) {
  const [method = "", path = ""] = key.split(" ");
  table.add(method, path, key);
}

describe("the table of routes", () => {
  test("finds each endpoint of the API by its own path, with each of its parameters", () => {
    for (const key of Object.keys(facts)) {
      const [method = "", path = ""] = key.split(" ");
      const names = Array.from(path.matchAll(/\{([^}]+)\}/g), ([, name = ""]) => name);
      const parameters = Object.fromEntries(names.map((name) => [name, `some ${name}`]));
      const asked = path.replaceAll(/\{([^}]+)\}/g, "some%20$1");
      expect(table.find(method, asked)).toEqual({ route: key, parameters });
    }
  });

  test.for([
    ["GET", "/nodes/", "GET /nodes", {}],
    [
      "GET",
      "/nodes/pve-01/storage/local/content/local:iso/a%20b.iso",
      "GET /nodes/{node}/storage/{storage}/content/{volume}",
      { node: "pve-01", storage: "local", volume: "local:iso/a b.iso" },
    ],
    [
      "GET",
      "/cluster/firewall/ipset/lan/10.0.0.0/8",
      "GET /cluster/firewall/ipset/{name}/{cidr}",
      { name: "lan", cidr: "10.0.0.0/8" },
    ],
    ["GET", "/access/users/a%2Fb", "GET /access/users/{userid}", { userid: "a/b" }],
  ] as const)("%s %s", ([method, path, route, parameters]) => {
    expect(table.find(method, path)).toEqual({ route, parameters });
  });

  test.for([
    ["HEAD", "/nodes"],
    ["GET", "/nothing"],
    ["GET", "/nodes//status"],
    ["GET", "/nodes/pve-01/status/more"],
    ["PUT", "/nodes"],
  ] as const)("has nothing for %s %s", ([method, path]) => {
    expect(table.find(method, path)).toBeUndefined();
  });
});
