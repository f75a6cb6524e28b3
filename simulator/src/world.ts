import { createDraft, enablePatches, finishDraft, freeze, type Draft, type Patch } from "immer";
import { Tickets } from "./access/authentication.ts";
import { hasPrivilege, requirePrivileges } from "./access/permissions.ts";
import { ApiError } from "./api-error.ts";
import type { ServerCertificate } from "./certificates.ts";
import type { Clock } from "./clock.ts";
import { checkClusterWrites } from "./node/quorum.ts";
import type { Session } from "./state/access.ts";
import type { ClusterState } from "./state/cluster.ts";
import type { Guest } from "./state/guest.ts";
import type { NodeState } from "./state/node.ts";
import type { StorageState, Volume } from "./state/storage.ts";
import { Tasks } from "./tasks.ts";

enablePatches();

/** Is told of each change of the state, as JSON patches, before it counts: what throws here undoes the transaction. */
export type ChangeListener = (patches: readonly Patch[], state: ClusterState) => void;

/**
 * The simulated cluster at work: its state, and how to find things in it in Proxmox's words.
 *
 * The state is immutable between transactions: a snapshot is a reference, and a transaction that throws changes nothing.
 */
export class World {
  readonly clock: Clock;
  readonly tickets = new Tickets();
  readonly tasks: Tasks;
  /** What the server shows its clients; every node has the same one. */
  certificate: ServerCertificate | undefined;
  /** While a request is handled whose tasks shall fail: how. */
  taskFault: string | undefined;
  #state: ClusterState;
  #draft: Draft<ClusterState> | undefined;
  #afterwards: (() => void)[] = [];
  #fromOutside = false;
  readonly #listeners = new Set<ChangeListener>();

  constructor(seed: ClusterState, clock: Clock) {
    this.clock = clock;
    this.#state = freeze(structuredClone(seed), true);
    this.tasks = new Tasks(this);
  }

  /** What the cluster is now: to be changed in a transaction only. */
  get state(): ClusterState {
    return this.#draft ?? this.#state;
  }

  /** Computes something from the state, and again only when the state is another one. */
  remember<T>(compute: () => T): () => T {
    let last: { readonly state: ClusterState; readonly value: T } | undefined;
    return () => {
      // A draft changes.
      if (this.#draft !== undefined) return compute();
      if (last?.state !== this.#state) last = { state: this.#state, value: compute() };
      return last.value;
    };
  }

  /** Does all of `work` or, where it throws, nothing of it. Inside of another transaction it is a part of that one. */
  transaction<T>(work: () => T): T {
    if (this.#draft !== undefined) return work();
    const draft = createDraft(this.#state);
    this.#draft = draft;
    let result: T;
    try {
      result = work();
      this.#draft = undefined;
      this.#state = this.#finish(draft);
    } catch (error) {
      this.#draft = undefined;
      this.#afterwards = [];
      throw error;
    }
    for (const next of this.#afterwards.splice(0)) next();
    return result;
  }

  /** A transaction that does not go through the cluster, and needs no quorum: hardware fails, a node cleans up. */
  change(work: () => void): void {
    const before = this.#fromOutside;
    this.#fromOutside = true;
    try {
      this.transaction(work);
    } finally {
      this.#fromOutside = before;
    }
  }

  /** Replaces the whole state, and forgets what is still to run. */
  replace(state: ClusterState): void {
    this.clock.stop();
    this.tasks.clear();
    for (const listener of this.#listeners) listener([{ op: "replace", path: [], value: state }], state);
    this.#state = freeze(state, true);
  }

  /** Runs `work` when a task's `seconds` have passed; counting begins when the transaction has ended. */
  schedule(seconds: number, work: () => void): void {
    const start = () => {
      this.clock.after(seconds, work);
    };
    if (this.#draft === undefined) start();
    else this.#afterwards.push(start);
  }

  /** Tells a listener of every change, until the returned function is called. */
  onChange(listener: ChangeListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The time in seconds since 1970, as Proxmox counts. */
  seconds(): number {
    return Math.floor(this.clock.now().getTime() / 1000);
  }

  /**
   * Refuses a request whose user lacks a privilege.
   * @throws {ApiError} 403
   */
  require({ user }: Session, path: string, ...privileges: readonly string[]): void {
    requirePrivileges(this.state, user, path, privileges);
  }

  /** Whether the user of a request has one of these privileges: lists leave out what one may not see. */
  may({ user }: Session, path: string, ...privileges: readonly string[]): boolean {
    return privileges.some((privilege) => hasPrivilege(this.state, user, path, privilege));
  }

  node(name: string): NodeState {
    const node = this.state.nodes[name];
    // A name that is no cluster member is looked up in DNS by the real one, with this outcome.
    if (node === undefined)
      throw new ApiError(
        500,
        `hostname lookup '${name}' failed - failed to get address info for: ${name}: Name or service not known`,
      );
    return node;
  }

  /** A guest of a kind on a node. */
  guest(type: Guest["type"], node: string, vmid: number): Guest {
    this.node(node);
    const guest = this.state.guests[vmid];
    if (guest?.node !== node || guest.type !== type) {
      const folder = type === "lxc" ? "lxc" : "qemu-server";
      throw new ApiError(500, `Configuration file 'nodes/${node}/${folder}/${vmid}.conf' does not exist`);
    }
    return guest;
  }

  /** A storage that is there for a node. */
  storage(node: string, name: string): StorageState {
    this.node(node);
    const storage = this.state.storages[name];
    if (storage === undefined) throw new ApiError(500, `storage '${name}' does not exist`);
    if (storage.config["disable"] === "1") throw new ApiError(500, `storage '${name}' is disabled`);
    if (!isOnNode(storage, node)) throw new ApiError(500, `storage '${name}' is not available on node '${node}'`);
    if (storage.offline.includes(node)) throw new ApiError(500, `storage '${name}' is not online`);
    return storage;
  }

  /** The volumes of a storage on a node, by name; made on first use. */
  volumesOn(node: string, storage: string): Record<string, Volume> {
    const { volumes, storages } = this.state;
    const shared = storages[storage] !== undefined && isShared(storages[storage]);
    const home = shared ? storage : `${node}/${storage}`;
    if (this.#draft === undefined) return volumes[home] ?? {};
    return (volumes[home] ??= {});
  }

  /** A volume by its ID, `local:vztmpl/…`, as a node sees it. */
  volume(node: string, volumeId: string): Volume {
    const { storage, name } = splitVolumeId(volumeId);
    this.storage(node, storage);
    const volume = this.volumesOn(node, storage)[name];
    if (volume === undefined) throw new ApiError(500, `volume '${volumeId}' does not exist`);
    return volume;
  }

  #finish(draft: Draft<ClusterState>): ClusterState {
    let patches: readonly Patch[] = [];
    const state = finishDraft(draft, (made) => {
      patches = made;
    });
    if (!this.#fromOutside) checkClusterWrites(this.#state, patches);
    if (patches.length > 0) for (const listener of this.#listeners) listener(patches, state);
    return state;
  }
}

/** `local-zfs:subvol-100-disk-0` → storage and name. */
export function splitVolumeId(volumeId: string): { readonly storage: string; readonly name: string } {
  const colon = volumeId.indexOf(":");
  if (colon <= 0) throw new ApiError(500, `unable to parse volume ID '${volumeId}'`);
  return { storage: volumeId.slice(0, colon), name: volumeId.slice(colon + 1) };
}

/** Whether storage.cfg has a storage on a node. */
export function isOnNode({ config }: StorageState, node: string): boolean {
  const { nodes } = config;
  return nodes === undefined || nodes.split(",").includes(node);
}

/** Whether a storage shows the same volumes on every node. */
export function isShared({ type, config }: StorageState): boolean {
  return config["shared"] === "1" || ["nfs", "cifs", "pbs"].includes(type);
}
