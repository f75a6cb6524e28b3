import { isIP } from "node:net";
import { splitList } from "../lists.ts";
import { privileges } from "./roles.ts";
import { userIdProblem } from "./users.ts";

type Check = (text: string) => string | undefined;

const label = "[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?";
const hostname = new RegExp(String.raw`^(${label}\.)*${label}$`);
const email = /^[\w+~-]+(\.[\w+~-]+)*@[a-zA-Z0-9-]+(\.[a-zA-Z0-9-]+)*$/;
const name = /^[A-Za-z0-9._-]+$/;

const group: Check = (text) => (name.test(text) ? undefined : `group name '${text}' contains invalid characters`);
const role: Check = (text) => (name.test(text) ? undefined : `role name '${text}' contains invalid characters`);
const attribute: Check = (text) =>
  /^[a-zA-Z0-9]+$/.test(text) ? undefined : `value '${text}' does not look like a simple ldap attribute name`;

/** The formats of users, groups, roles and realms. */
export const accessFormatChecks: Readonly<Record<string, Check>> = {
  address: (text) =>
    isIP(text) > 0 || hostname.test(text) ? undefined : `value does not look like a valid address: ${text}`,
  "email-opt": (text) =>
    text === "" || email.test(text) ? undefined : "value does not look like a valid email address",
  "ldap-simple-attr": attribute,
  "ldap-simple-attr-list": each(attribute),
  "pve-groupid": group,
  "pve-groupid-list": each(group),
  "pve-priv-list": each((text) => (privileges.includes(text) ? undefined : `invalid privilege '${text}'`)),
  "pve-realm": (text) =>
    /^[A-Za-z][A-Za-z0-9._-]+$/.test(text) ? undefined : "value does not look like a valid realm",
  "pve-roleid": role,
  "pve-roleid-list": each(role),
  "pve-tokenid-list": each((text) =>
    /^[^\s:/]+@[A-Za-z][A-Za-z0-9._-]+![A-Za-z][A-Za-z0-9._-]+$/.test(text)
      ? undefined
      : `value '${text}' does not look like a valid token ID`,
  ),
  "pve-userid": userIdProblem,
  "pve-userid-list": each(userIdProblem),
};

function each(check: Check): Check {
  return (text) =>
    splitList(text)
      .map(check)
      .find((problem) => problem !== undefined);
}
