import { randomInt } from "node:crypto";
import { findDirectory } from "../acme/directories.ts";
import { invalidParameters } from "../api-error.ts";
import type { Context, Handlers, Parameters } from "../handlers.ts";
import { splitList } from "../lists.ts";
import type { Section } from "../state/cluster.ts";
import type { World } from "../world.ts";
import { localNode } from "./cluster.ts";

/** Accounts at certificate authorities, each in a file of its own in /etc/pve/priv/acme. */
export const acmeAccountHandlers: Handlers = {
  "GET /cluster/acme/account": (_parameters, { world }) =>
    Object.keys(world.state.sections.acmeAccounts).map((name) => ({ name })),
  "GET /cluster/acme/account/{name}": ({ name = "default" }, { world }) => {
    const { contact, createdAt, status, directory, location, tos } = findAccount(world, name);
    return {
      account: { contact: contact?.split(","), createdAt, status },
      ...(directory === undefined ? {} : { directory }),
      ...(location === undefined ? {} : { location }),
      ...(tos === undefined ? {} : { tos }),
    };
  },
  "POST /cluster/acme/account": registerAccount,
  "PUT /cluster/acme/account/{name}": ({ name = "default", contact }, context) =>
    changeAccount(context, name, contact === undefined ? "refresh" : "update", (account) => {
      if (contact !== undefined) account["contact"] = addresses(contact);
    }),
  "DELETE /cluster/acme/account/{name}": ({ name = "default" }, context) =>
    changeAccount(context, name, "deactivate", (_account, { state }) => {
      Reflect.deleteProperty(state.sections.acmeAccounts, name);
    }),
};

function registerAccount(
  { name = "default", contact, directory: url, tos_url: tos }: Parameters<"POST /cluster/acme/account">,
  { world, session }: Context,
): string {
  if (world.state.sections.acmeAccounts[name] !== undefined) {
    throw invalidParameters({ name: `ACME account config file '${name}' already exists.` });
  }
  const directory = findDirectory(url);
  return world.tasks.start({
    node: localNode(world),
    type: "acmeregister",
    id: "",
    session,
    seconds: 4,
    work: (log) => {
      const accounts = world.state.sections.acmeAccounts;
      if (accounts[name] !== undefined) throw new Error(`ACME account config file '${name}' already exists.`);
      log("Generating ACME account key..");
      log("Registering ACME account..");
      if (tos === undefined) throw new Error("Registration failed: must agree to terms of service");
      const location = `https://${directory.host}/acme/acct/${randomInt(1e8, 1e10)}`;
      accounts[name] = {
        contact: addresses(contact),
        createdAt: world.clock.now().toISOString(),
        status: "valid",
        directory: directory.url,
        location,
        tos,
      };
      log(`Registration successful, account URL: '${location}'`);
      return undefined;
    },
  });
}

function changeAccount(
  { world, session }: Context,
  name: string,
  what: "update" | "refresh" | "deactivate",
  change: (account: Section, world: World) => void,
): string {
  findAccount(world, name);
  return world.tasks.start({
    node: localNode(world),
    type: `acme${what}`,
    id: "",
    session,
    seconds: 2,
    work: (log) => {
      const account = world.state.sections.acmeAccounts[name];
      if (account === undefined) throw new Error(`ACME account config file '${name}' does not exist.`);
      if (what === "deactivate") {
        const folder = "/etc/pve/priv/acme";
        log(`Renaming account file from '${folder}/${name}' to '${folder}/_deactivated_${name}_0'`);
      }
      change(account, world);
      return undefined;
    },
  });
}

function findAccount(world: World, name: string): Section {
  const account = world.state.sections.acmeAccounts[name];
  if (account === undefined) {
    throw invalidParameters({ name: `ACME account config file '${name}' does not exist.` });
  }
  return account;
}

function addresses(contact: string): string {
  return splitList(contact)
    .map((address) => `mailto:${address}`)
    .join(",");
}
