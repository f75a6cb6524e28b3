import { ApiError } from "../api-error.ts";
import { volumeHasFeature } from "../guest/features.ts";
import { makeBase } from "../guest/linked-clones.ts";
import { unlockedGuest } from "../guest/lock.ts";
import type { Guest } from "../state/guest.ts";
import type { World } from "../world.ts";
import type { Actor, Target } from "./life.ts";
import { mountPointsOf, printMountPoint } from "./mount-points.ts";

/** `POST …/template`: starts a task, but tells nobody its UPID. */
export function startConversion({ node, vmid }: Target, { world, session }: Actor): null {
  const guest = unlockedGuest(world, "lxc", node, vmid);
  if (Object.keys(guest.snapshots).length > 0) {
    throw new ApiError(500, "unable to create template, because CT contains snapshots");
  }
  if (guest.config["template"] === "1") throw new ApiError(500, "you can't convert a template to a template");
  if (guest.status === "running") {
    throw new ApiError(500, "you can't convert a CT to template if the CT is running");
  }
  world.tasks.start({
    node,
    type: "vztemplate",
    id: vmid,
    session,
    seconds: 1,
    work: () => {
      convertToTemplate(world, world.guest("lxc", node, vmid));
      return undefined;
    },
  });
  return null;
}

/** Makes a container a template: its volumes become bases of linked clones. */
export function convertToTemplate(world: World, guest: Guest): void {
  const { node, config } = guest;
  const mountPoints = mountPointsOf(config);
  for (const { volume } of mountPoints) {
    if (!volumeHasFeature(world, "lxc", node, volume, "template")) {
      throw new ApiError(500, `Template feature is not available for '${volume}'`);
    }
  }
  for (const mountPoint of mountPoints) {
    const volume = makeBase(world, node, mountPoint.volume);
    config[mountPoint.key] = printMountPoint({ ...mountPoint, volume });
  }
  config["template"] = "1";
}
