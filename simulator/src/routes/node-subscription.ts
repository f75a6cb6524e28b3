import { createHash } from "node:crypto";
import { invalidParameters } from "../api-error.ts";
import type { Handlers } from "../handlers.ts";
import type { NodeState } from "../state/node.ts";

const url = "https://www.proxmox.com/en/proxmox-virtual-environment/pricing";
const levels: Readonly<Record<string, string>> = { c: "Community", b: "Basic", s: "Standard", p: "Premium" };
const year = 365 * 86_400;

/** Subscription keys; any key of the right form counts. */
export const nodeSubscriptionHandlers: Handlers = {
  "GET /nodes/{node}/subscription": ({ node: name }, { world, session }) => {
    const node = world.node(name);
    const serverid = createHash("md5").update(name).digest("hex").toUpperCase();
    if (node.subscription === undefined) {
      return { status: "notfound", message: "There is no subscription key", serverid, url };
    }
    const { key } = node.subscription;
    const [, sockets = "1", level = "c"] = /^pve(\d)([cbsp])/.exec(key) ?? [];
    const common = {
      status: "active" as const,
      level,
      sockets: Number(sockets),
      productname: `Proxmox VE ${levels[level] ?? level} Subscription ${sockets} CPU/year`,
      url,
    };
    // Who may not see the node sees that it has a key, but not which one.
    if (!world.may(session, `/nodes/${name}`, "Sys.Audit")) return common;
    const [from, until] = [node.bootedAt, node.bootedAt + year].map((time) => new Date(time * 1000).toISOString());
    return {
      ...common,
      key,
      serverid,
      checktime: world.seconds(),
      regdate: (from ?? "").slice(0, 19).replace("T", " "),
      nextduedate: (until ?? "").slice(0, 10),
    };
  },
  "PUT /nodes/{node}/subscription": ({ node: name, key }, { world }) => {
    const node = world.node(name);
    const trimmed = key.trim();
    checkSockets(node, trimmed);
    node.subscription = { key: trimmed };
    return null;
  },
  // Asks Proxmox again, who would say the same.
  "POST /nodes/{node}/subscription": () => null,
  "DELETE /nodes/{node}/subscription": ({ node }, { world }) => {
    delete world.node(node).subscription;
    return null;
  },
};

function checkSockets({ cpu }: NodeState, key: string): void {
  if (Number(key[3]) < cpu.sockets) throw invalidParameters({ key: "wrong number of sockets" });
}
