import { ApiError } from "./api-error.ts";
import type { Clock } from "./clock.ts";
import { Access } from "./state/access.ts";
import type { ClusterState, Guest, NodeState, StorageState, Volume } from "./state/cluster.ts";
import { Tasks } from "./state/tasks.ts";

/** The simulated cluster at work: its state, and how to find things in it in Proxmox's words. */
export class World {
  readonly clock: Clock;
  readonly access = new Access();
  readonly #seed: ClusterState;
  #state: ClusterState;
  #tasks: Tasks;

  constructor(seed: ClusterState, clock: Clock) {
    this.clock = clock;
    this.#seed = structuredClone(seed);
    this.#state = structuredClone(seed);
    this.#tasks = new Tasks(this.#state, clock);
  }

  get state(): ClusterState {
    return this.#state;
  }

  get tasks(): Tasks {
    return this.#tasks;
  }

  /** Returns to the seed; credentials stay valid. */
  reset(): void {
    this.clock.stop();
    this.#state = structuredClone(this.#seed);
    this.#tasks = new Tasks(this.#state, this.clock);
  }

  /** The time in seconds since 1970, as Proxmox counts. */
  seconds(): number {
    return Math.floor(this.clock.now().getTime() / 1000);
  }

  node(name: string): NodeState {
    const node = this.state.nodes.find((candidate) => candidate.name === name);
    // A name that is no cluster member is looked up in DNS by the real one, with this outcome.
    if (node === undefined)
      throw new ApiError(
        500,
        `hostname lookup '${name}' failed - failed to get address info for: ${name}: Name or service not known`,
      );
    return node;
  }

  container(node: string, vmid: number): Guest {
    this.node(node);
    const guest = this.state.guests.find((candidate) => candidate.vmid === vmid && candidate.node === node);
    if (guest === undefined)
      throw new ApiError(500, `Configuration file 'nodes/${node}/lxc/${vmid}.conf' does not exist`);
    return guest;
  }

  /** A storage that is there for a node. */
  storage(node: string, name: string): StorageState {
    this.node(node);
    const storage = this.state.storages.find((candidate) => candidate.storage === name);
    if (storage === undefined) throw new ApiError(500, `storage '${name}' does not exist`);
    if (storage.nodes !== undefined && !storage.nodes.includes(node)) {
      throw new ApiError(500, `storage '${name}' is not available on node '${node}'`);
    }
    return storage;
  }

  volumesOn(node: string, storage: string): Volume[] {
    return this.state.volumes.filter((volume) => volume.storage === storage && volume.node === node);
  }

  /** A volume by its ID, `local:vztmpl/…`, as a node sees it. */
  volume(node: string, volumeId: string): Volume {
    const [storage, name] = [volumeId.slice(0, volumeId.indexOf(":")), volumeId.slice(volumeId.indexOf(":") + 1)];
    this.storage(node, storage);
    const volume = this.volumesOn(node, storage).find((candidate) => candidate.name === name);
    if (volume === undefined) throw new ApiError(500, `volume '${volumeId}' does not exist`);
    return volume;
  }
}
