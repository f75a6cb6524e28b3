import { removeAclOn } from "./access/acl.ts";
import { failDisk, replaceDisk } from "./node/disk-failure.ts";
import { failNode, switchOn } from "./node/power.ts";
import { settingOf } from "./guest/config.ts";
import type { ClusterState } from "./state/cluster.ts";
import type { Guest } from "./state/guest.ts";
import type { NodeState } from "./state/node.ts";
import type { StorageState } from "./state/storage.ts";
import { changeUnit, parseUnitIncident, type UnitIncident, type UnitPlace } from "./unit-incidents.ts";
import { isOnNode, type World } from "./world.ts";

/** What happens to a cluster without any request: hardware fails, or somebody works on a node's command line. */
export class Incidents {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  /** Lets a disk die: it stays listed, and the pool on it is degraded or lost. */
  failDisk(node: string, disk: string): void {
    this.#change((state) => {
      failDisk(state, node, disk);
    });
  }

  /** Puts a new, empty disk in a disk's place. */
  replaceDisk(node: string, disk: string): void {
    this.#change((state) => {
      replaceDisk(state, node, disk);
    });
  }

  /** Lets a node fail as without power: its guests and tasks are gone, and the others may have no quorum without it. */
  failNode(node: string): void {
    this.#change((state) => {
      failNode(this.#world, nodeOf(state, node));
    });
  }

  /** Lets a node boot again, with the guests that start at boot. */
  bringNodeBack(node: string): void {
    if (nodeOf(this.#world.state, node).off !== true) throw new Error(`The node "${node}" has not failed.`);
    switchOn(this.#world, node);
  }

  /** Lets a storage be out of reach: for one node, or for all that have it. */
  takeStorageOffline(storage: string, node?: string): void {
    this.#change((state) => {
      const found = storageOf(state, storage);
      found.offline = [...new Set([...found.offline, ...nodesOf(state, found, node)])];
    });
  }

  /** Ends what {@link takeStorageOffline} has begun. */
  bringStorageOnline(storage: string, node?: string): void {
    this.#change((state) => {
      const found = storageOf(state, storage);
      const back = nodesOf(state, found, node);
      found.offline = found.offline.filter((name) => !back.includes(name));
    });
  }

  /** Changes the settings of a guest in its configuration file; undefined removes one. */
  changeGuest(vmid: number, settings: Readonly<Record<string, string | undefined>>): void {
    this.#change((state) => {
      const { type, config } = guestOf(state, vmid);
      for (const [name, value] of Object.entries(settings)) {
        if (settingOf(type, name) === undefined) throw new Error(`${titles[type]} have no setting "${name}".`);
        if (value === undefined) Reflect.deleteProperty(config, name);
        else config[name] = value;
      }
    });
  }

  /** Stops a guest, as a power failure inside of it would. */
  stopGuest(vmid: number): void {
    this.#change((state) => {
      const guest = guestOf(state, vmid);
      guest.status = "stopped";
      delete guest.startedAt;
      delete guest.paused;
    });
  }

  /** Destroys a guest with its volumes and permissions; its backups stay. */
  destroyGuest(vmid: number): void {
    this.#change((state) => {
      guestOf(state, vmid);
      Reflect.deleteProperty(state.guests, vmid);
      for (const volumes of Object.values(state.volumes)) {
        for (const { name, vmid: owner, content } of Object.values(volumes)) {
          if (owner === vmid && content !== "backup") Reflect.deleteProperty(volumes, name);
        }
      }
      removeAclOn(state.access, `/vms/${vmid}`);
    });
  }

  /** Lets something happen to a unit of systemd in a guest, or on a node. */
  changeUnit(place: UnitPlace, unit: string, incident: UnitIncident): void {
    this.#change((state) => {
      changeUnit(state, place, unit, incident);
    });
  }

  /**
   * Lets happen what a line says: `disk pve-01 /dev/nvme0n1 dies`.
   * @throws {Error} with the ways to write one
   */
  tell(line: string): void {
    const [kind, ...words] = line.trim().split(/\s+/);
    const tellers: Readonly<Record<string, (words: readonly string[]) => boolean>> = {
      disk: (rest) => this.#tellDisk(rest),
      guest: (rest) => this.#tellGuest(rest),
      node: (rest) => this.#tellNode(rest),
      storage: (rest) => this.#tellStorage(rest),
      unit: (rest) => this.#tellUnit(rest),
    };
    const told = Object.hasOwn(tellers, kind ?? "") && tellers[kind ?? ""]?.(words) === true;
    if (!told) throw new Error(`"${line}" is not an incident. ${usage}`);
  }

  #tellNode([node = "", ...what]: readonly string[]): boolean {
    if (what.join(" ") === "fails") this.failNode(node);
    else if (what.join(" ") === "comes back") this.bringNodeBack(node);
    else return false;
    return true;
  }

  #tellDisk([node = "", disk = "", what, ...rest]: readonly string[]): boolean {
    if (rest.length > 0) return false;
    if (what === "dies") this.failDisk(node, disk);
    else if (what === "replaced") this.replaceDisk(node, disk);
    else return false;
    return true;
  }

  #tellStorage([storage = "", what, on, node, ...rest]: readonly string[]): boolean {
    if (rest.length > 0 || (on !== undefined && (on !== "on" || node === undefined))) return false;
    if (what === "offline") this.takeStorageOffline(storage, node);
    else if (what === "online") this.bringStorageOnline(storage, node);
    else return false;
    return true;
  }

  #tellGuest([number = "", what, setting, ...value]: readonly string[]): boolean {
    const vmid = Number(number);
    if (what === "set" && setting !== undefined && value.length > 0) {
      this.changeGuest(vmid, { [setting]: value.join(" ") });
    } else if (what === "unset" && setting !== undefined && value.length === 0) {
      this.changeGuest(vmid, { [setting]: undefined });
    } else if (setting !== undefined) return false;
    else if (what === "stopped") this.stopGuest(vmid);
    else if (what === "destroyed") this.destroyGuest(vmid);
    else return false;
    return true;
  }

  #tellUnit(words: readonly string[]): boolean {
    const told = parseUnitIncident(words.join(" "));
    if (told !== undefined) this.changeUnit(told.place, told.unit, told.incident);
    return told !== undefined;
  }

  #change(recipe: (state: ClusterState) => void): void {
    this.#world.change(() => {
      recipe(this.#world.state);
    });
  }
}

const usage =
  "Write one of: disk NODE DEVICE dies, disk NODE DEVICE replaced, node NODE fails, node NODE comes back, storage NAME offline [on NODE], " +
  "storage NAME online [on NODE], guest VMID set NAME VALUE, guest VMID unset NAME, guest VMID stopped, " +
  "guest VMID destroyed, unit NAME in VMID fails to start: MESSAGE, unit NAME in VMID fails to reload: MESSAGE, " +
  "unit NAME in VMID works, unit NAME in VMID stopped (of a node: on NODE).";

const titles: Readonly<Record<Guest["type"], string>> = { lxc: "Containers", qemu: "Virtual machines" };

function nodeOf({ nodes }: ClusterState, name: string): NodeState {
  const node = Object.hasOwn(nodes, name) ? nodes[name] : undefined;
  if (node === undefined) throw new Error(`There is no node "${name}".`);
  return node;
}

function storageOf({ storages }: ClusterState, name: string): StorageState {
  const storage = storages[name];
  if (storage === undefined) throw new Error(`There is no storage "${name}".`);
  return storage;
}

function nodesOf({ nodes }: ClusterState, storage: StorageState, node: string | undefined): string[] {
  const names = Object.keys(nodes).filter((name) => isOnNode(storage, name));
  if (node === undefined) return names;
  if (!names.includes(node)) throw new Error(`There is no storage "${storage.storage}" on a node "${node}".`);
  return [node];
}

function guestOf({ guests }: ClusterState, vmid: number): Guest {
  const guest = guests[vmid];
  if (guest === undefined) throw new Error(`There is no guest ${vmid}.`);
  return guest;
}
