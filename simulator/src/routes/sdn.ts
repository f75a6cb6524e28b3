import { randomBytes } from "node:crypto";
import { ApiError } from "../api-error.ts";
import type { Context, Handlers } from "../handlers.ts";
import { underLock } from "../sdn/lock.ts";
import { reloadSdn } from "../sdn/status.ts";
import { hasPendingChanges } from "../sdn/views.ts";
import type { SdnFile } from "../state/cluster.ts";
import type { World } from "../world.ts";
import { sdnServiceHandlers } from "./sdn-services.ts";
import { sdnStatusHandlers } from "./sdn-status.ts";
import { sdnSubnetHandlers } from "./sdn-subnets.ts";
import { sdnVnetHandlers } from "./sdn-vnets.ts";
import { sdnZoneHandlers } from "./sdn-zones.ts";

/** The files that count once they are applied; the others count at once. */
const applied: readonly SdnFile[] = ["controllers", "fabrics", "subnets", "vnets", "zones"];

/** Software-defined networks: https://pve.proxmox.com/pve-docs/chapter-pvesdn.html */
export const sdnHandlers: Handlers = {
  ...sdnServiceHandlers,
  ...sdnStatusHandlers,
  ...sdnSubnetHandlers,
  ...sdnVnetHandlers,
  ...sdnZoneHandlers,
  "PUT /cluster/sdn": (parameters, context) => {
    const { world } = context;
    underLock(world, "could not commit SDN config", parameters["lock-token"], () => {
      const { sdn } = world.state;
      for (const file of applied) sdn.running[file] = plain(sdn.configured[file]);
      sdn.version = (sdn.version ?? 0) + 1;
      releaseAfter(world, parameters);
    });
    return reloadAll(context);
  },
  "POST /cluster/sdn/rollback": (parameters, { world }) => {
    underLock(world, "could not rollback SDN configuration", parameters["lock-token"], () => {
      const { sdn } = world.state;
      for (const file of applied) sdn.configured[file] = plain(sdn.running[file]);
      releaseAfter(world, parameters);
    });
    return null;
  },
  "POST /cluster/sdn/lock": ({ "allow-pending": allowPending = false }, { world }) =>
    underLock(world, "could not acquire lock for SDN config", undefined, () => {
      if (!allowPending && hasPendingChanges(world))
        throw new ApiError(
          500,
          "configuration has pending changes at /usr/share/perl5/PVE/API2/Network/SDN.pm line 172.",
        );
      return (world.state.sdn.lock = newToken(world));
    }),
  "DELETE /cluster/sdn/lock": ({ "lock-token": token, force = false }, { world }) => {
    underLock(world, "could not release lock", force ? world.state.sdn.lock : token, () => {
      delete world.state.sdn.lock;
    });
    return null;
  },
};

/** The lock is kept unless a request says otherwise: the schema's default is never applied. */
function releaseAfter(
  world: World,
  {
    "lock-token": token,
    "release-lock": release,
  }: { readonly "lock-token"?: string; readonly "release-lock"?: boolean },
): void {
  if (token !== undefined && release === true) delete world.state.sdn.lock;
}

/** Has every node reload its network, each by a task of its own. */
function reloadAll({ world, session }: Context): string {
  const nodes = Object.keys(world.state.nodes);
  return world.tasks.start({
    node: nodes[0] ?? "",
    type: "reloadnetworkall",
    id: "",
    session,
    seconds: 2,
    work: (log) => {
      for (const node of nodes) {
        log(`${node}: reloading network config`);
        world.tasks.start({
          node,
          type: "srvreload",
          id: "networking",
          session,
          seconds: 3,
          work: () => {
            reloadSdn(world, node);
            return undefined;
          },
        });
      }
      return undefined;
    },
  });
}

/** A UUID of version 7, which begins with the time. */
function newToken(world: World): string {
  const time = world.clock.now().getTime().toString(16).padStart(12, "0");
  const random = randomBytes(10).toString("hex");
  const parts = [
    time.slice(0, 8),
    time.slice(8),
    `7${random.slice(0, 3)}`,
    `8${random.slice(3, 6)}`,
    random.slice(6, 18),
  ];
  return parts.join("-");
}

/** A copy of what may be lent by a transaction. */
function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
