import { createHash } from "node:crypto";
import type { Guest } from "../state/guest.ts";
import { splitVolumeId, type World } from "../world.ts";
import { parseSetting } from "../guest/config.ts";
import { mountAtBoot } from "../guest-commands/mount-at-boot.ts";
import { startServices } from "../guest-services/start-service.ts";
import { cloudInitData, type CloudInitData } from "./cloud-init.ts";
import { cloudInitDriveOf } from "./create-disks.ts";
import { bootOrderOf, defaultBootOrder, drivesOf, isCdrom, volumeOf } from "./drives.ts";
import { freshSystem } from "./guest-system.ts";
import { hasAgent, hasCloudInit, systemIn } from "./images.ts";
import { runCloudInit } from "./run-cloud-init.ts";

const seconds = { first: 20, later: 10 } as const;

/** Lets the system of a machine come up that has just been started: that takes its time. */
export function bootSystem(world: World, guest: Guest): void {
  stopSystem(guest);
  const image = bootImageOf(world, guest);
  if (image === undefined) return;
  const { vmid, startedAt } = guest;
  const data = readsCloudInit(guest) ? cloudInitData(world, guest) : undefined;
  world.schedule(hasBooted(guest) ? seconds.later : seconds.first, () => {
    world.transaction(() => {
      const booting = world.state.guests[vmid];
      if (booting?.status === "running" && booting.startedAt === startedAt) finishBoot(world, booting, image, data);
    });
  });
}

/** Whether there is anything in a machine that boots. */
export function bootsSystem(world: World, guest: Guest): boolean {
  return bootImageOf(world, guest) !== undefined;
}

/** Takes down the system of a machine that is stopped or starts anew. */
export function stopSystem({ inside }: Guest): void {
  inside.agent = false;
  delete inside.mounts;
  for (const service of Object.values(inside.services)) service.active = false;
}

/** Whether a system has ever come up in a machine. */
function hasBooted({ inside }: Guest): boolean {
  return Object.keys(inside.files).length > 0;
}

/** Whether the configuration lets the agent of a system be reached. */
export function agentEnabled({ config }: Guest): boolean {
  return parseSetting("qemu", "agent", config["agent"] ?? "")["enabled"] === "1";
}

/** Whether a system answers the agent: its service runs, and its device is there. */
export function updateAgent(guest: Guest): void {
  guest.inside.agent = guest.inside.services["qemu-guest-agent"]?.active === true && agentEnabled(guest);
}

function finishBoot(world: World, guest: Guest, image: string, data: CloudInitData | undefined): void {
  const now = world.seconds();
  const os = systemIn(image);
  if (!hasBooted(guest) && !hasCloudInit(image)) {
    bootForeignSystem(guest, image, data);
    return;
  }
  if (!hasBooted(guest)) Object.assign(guest.inside, freshSystem(os, hasAgent(image), now));
  const { inside } = guest;
  startServices(inside);
  mountAtBoot(world, guest);
  if (data !== undefined) {
    const instanceId = instanceIdOf(data);
    if (inside.cloudInit?.instanceId !== instanceId) runCloudInit(inside, data, os, now);
    inside.cloudInit = { instanceId, userData: data.user, networkConfig: data.network };
  }
  updateAgent(guest);
}

/** An installer, or a system such as Talos: it has no files to look at, and takes from the drive its network only. */
function bootForeignSystem(guest: Guest, image: string, data: CloudInitData | undefined): void {
  const { inside } = guest;
  inside.services = hasAgent(image) ? { "qemu-guest-agent": { enabled: true, active: true } } : {};
  inside.hostname = /^local-hostname:\s*(\S+)/m.exec(data?.meta ?? "")?.[1] ?? "localhost";
  if (data !== undefined && !image.endsWith(".iso")) {
    inside.cloudInit = { instanceId: instanceIdOf(data), userData: data.user, networkConfig: data.network };
  }
  updateAgent(guest);
}

/** What the machine boots: the name of the image on its first bootable disk, or of the CD in its drive. */
function bootImageOf(world: World, guest: Guest): string | undefined {
  const { config, node } = guest;
  const drives = new Map(drivesOf(config).map(({ name, drive }) => [name, drive]));
  const order = config["boot"] === undefined ? defaultBootOrder(config) : bootOrderOf(config);
  for (const name of order) {
    const drive = drives.get(name);
    const id = drive === undefined ? undefined : volumeOf(drive);
    if (drive === undefined || id === undefined) continue;
    const { storage, name: volumeName } = splitVolumeId(id);
    const volume = world.volumesOn(node, storage)[volumeName];
    if (volume?.content === "iso") return volume.name.split("/").at(-1);
    if (volume?.image !== undefined) return volume.image;
    // What is on a disk that was restored or copied otherwise is known by the system itself.
    if (!isCdrom(drive) && hasBooted(guest)) return "";
  }
  return undefined;
}

function readsCloudInit({ config }: Guest): boolean {
  return cloudInitDriveOf(config) !== undefined && config["citype"] !== "opennebula";
}

function instanceIdOf({ meta, user, network }: CloudInitData): string {
  const written = /^instance-id:\s*(\S+)/m.exec(meta)?.[1] ?? /"uuid":\s*"([^"]+)"/.exec(meta)?.[1];
  return (
    written ??
    createHash("sha1")
      .update(user + network)
      .digest("hex")
  );
}
