import type { CommandTree } from "./command-tree.ts";

const user: CommandTree = {
  add: { endpoint: "POST /access/users", operands: ["userid"] },
  delete: { endpoint: "DELETE /access/users/{userid}", operands: ["userid"] },
  list: {
    endpoint: "GET /access/users",
    show: "result",
    columns: [
      "userid",
      "comment",
      "email",
      "enable",
      "expire",
      "firstname",
      "groups",
      "keys",
      "lastname",
      "realm-type",
    ],
  },
  modify: { endpoint: "PUT /access/users/{userid}", operands: ["userid"] },
  permissions: { endpoint: "GET /access/permissions", operands: ["userid"], show: "result" },
  "token add": {
    endpoint: "POST /access/users/{userid}/token/{tokenid}",
    operands: ["userid", "tokenid"],
    show: "result",
  },
  "token delete": { endpoint: "DELETE /access/users/{userid}/token/{tokenid}", operands: ["userid", "tokenid"] },
  "token list": {
    endpoint: "GET /access/users/{userid}/token",
    operands: ["userid"],
    show: "result",
    columns: ["tokenid", "comment", "expire", "privsep"],
  },
  "token modify": {
    endpoint: "PUT /access/users/{userid}/token/{tokenid}",
    operands: ["userid", "tokenid"],
    show: "result",
  },
  "token remove": { endpoint: "DELETE /access/users/{userid}/token/{tokenid}", operands: ["userid", "tokenid"] },
};

const others: CommandTree = {
  "acl delete": { endpoint: "PUT /access/acl", operands: ["path"], fixed: { delete: "1" } },
  "acl list": { endpoint: "GET /access/acl", show: "result", columns: ["path", "type", "ugid", "propagate", "roleid"] },
  "acl modify": { endpoint: "PUT /access/acl", operands: ["path"] },
  "group add": { endpoint: "POST /access/groups", operands: ["groupid"] },
  "group delete": { endpoint: "DELETE /access/groups/{groupid}", operands: ["groupid"] },
  "group list": { endpoint: "GET /access/groups", show: "result", columns: ["groupid", "comment", "users"] },
  "group modify": { endpoint: "PUT /access/groups/{groupid}", operands: ["groupid"] },
  "pool add": { endpoint: "POST /pools", operands: ["poolid"] },
  "pool list": { endpoint: "GET /pools", show: "result", columns: ["poolid", "comment"] },
  "realm list": { endpoint: "GET /access/domains", show: "result", columns: ["realm", "type", "comment", "tfa"] },
  "role add": { endpoint: "POST /access/roles", operands: ["roleid"] },
  "role delete": { endpoint: "DELETE /access/roles/{roleid}", operands: ["roleid"] },
  "role list": { endpoint: "GET /access/roles", show: "result", columns: ["roleid", "privs", "special"] },
  "role modify": { endpoint: "PUT /access/roles/{roleid}", operands: ["roleid"] },
};

/** `pveum`: https://pve.proxmox.com/pve-docs/pveum.1.html */
export const pveumCommands: CommandTree = {
  ...Object.fromEntries(Object.entries(user).map(([name, command]) => [`user ${name}`, command])),
  ...others,
  // What they were called before 7.0 still works.
  ...(Object.fromEntries(
    Object.entries({ ...user, ...others }).flatMap(([name, command]) => {
      const legacy = legacyName(name);
      return legacy === undefined ? [] : [[legacy, command] as const];
    }),
  ) as CommandTree),
};

function legacyName(name: string): string | undefined {
  const [thing = "", action] = name.includes(" ") ? name.split(" ") : ["user", name];
  const short = { add: "add", delete: "del", modify: "mod" }[action ?? ""];
  return short === undefined || thing === "token" || thing === "pool" ? undefined : `${thing}${short}`;
}
