import { ApiError } from "../api-error.ts";
import type { Handlers } from "../handlers.ts";
import { listVersions } from "../node/packages.ts";
import { addRepository, changeRepository, digestOfFiles, listRepositories } from "../node/repositories.ts";
import type { NodeState } from "../state/node.ts";

/** Packages, and where they come from. */
export const nodeAptHandlers: Handlers = {
  "GET /nodes/{node}/apt/repositories": ({ node }, { world }) => listRepositories(world.node(node)),
  "PUT /nodes/{node}/apt/repositories": ({ node: name, handle, digest }, { world }) => {
    const node = world.node(name);
    checkFiles(node, digest);
    addRepository(node, handle);
    return null;
  },
  "POST /nodes/{node}/apt/repositories": ({ node: name, path, index, enabled, digest }, { world }) => {
    const node = world.node(name);
    checkFiles(node, digest);
    changeRepository(node, path, index, enabled);
    return null;
  },
  // Nothing newer is ever published here.
  "GET /nodes/{node}/apt/update": () => [],
  "POST /nodes/{node}/apt/update": ({ node }, { world, session }) =>
    world.tasks.start({
      node,
      type: "aptupdate",
      id: "",
      session,
      seconds: 4,
      work: (log) => {
        log("starting apt-get update");
        const enterprise = Object.entries(world.node(node).repositories).some(
          ([handle, enabled]) => enabled && handle.endsWith("enterprise"),
        );
        if (enterprise && world.node(node).subscription === undefined) {
          log("Err:1 https://enterprise.proxmox.com/debian/pve trixie InRelease");
          log("  401  Unauthorized [IP: 192.0.2.10 443]");
          throw new Error("command 'apt-get update' failed: exit code 100");
        }
        log("Reading package lists...");
        return undefined;
      },
    }),
  "GET /nodes/{node}/apt/versions": () => listVersions(),
};

function checkFiles(node: NodeState, digest: string | undefined): void {
  if (digest === undefined || digest === digestOfFiles(node)) return;
  throw new ApiError(500, "detected modified configuration - file changed by other user? Try again.");
}
