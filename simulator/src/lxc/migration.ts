import { ApiError } from "../api-error.ts";
import { requireDestination } from "../node/reach.ts";
import type { Guest } from "../state/guest.ts";
import type { Log, Step } from "../tasks.ts";
import { splitVolumeId, type World } from "../world.ts";
import { bringDown, bringUp, refuseLocked, type Actor } from "./life.ts";
import { moveVolumes, type StorageMap } from "./migrate-volumes.ts";
import { mountPointsOf } from "./mount-points.ts";

/** Which container goes where, and how. */
export interface MigrationPlan {
  readonly node: string;
  readonly vmid: number;
  readonly target: string;
  readonly online: boolean;
  readonly restart: boolean;
  readonly storageMap: StorageMap;
}

/** Starts the task that takes a container to another node; returns its UPID. */
export function startMigration(plan: MigrationPlan, { world, session }: Actor): string {
  const { node, vmid } = plan;
  const migration = new Migration(world, plan);
  return world.tasks.start({
    node,
    type: "vzmigrate",
    id: vmid,
    session,
    seconds: 1,
    work: (log) => migration.begin(log),
    undo: () => {
      migration.abort();
    },
  });
}

/** A migration on its way: what it has done is in here, to be taken back where it fails. */
class Migration {
  readonly #world: World;
  readonly #plan: MigrationPlan;
  readonly #started: number;
  #locked = false;
  #running = false;

  constructor(world: World, plan: MigrationPlan) {
    this.#world = world;
    this.#plan = plan;
    this.#started = world.seconds();
  }

  begin(log: Log): Step {
    const { node, vmid, target } = this.#plan;
    const guest = this.#world.guest("lxc", node, vmid);
    this.#explaining(log, () => {
      checkPreconditions(this.#world, guest, this.#plan);
    });
    this.#running = guest.status === "running";
    if (this.#running) {
      this.#log(log, `shutdown CT ${vmid}`);
      bringDown(guest);
    }
    const { address } = this.#world.node(target);
    this.#log(log, `starting migration of CT ${vmid} to node '${target}' (${address})`);
    guest.config["lock"] = "migrate";
    this.#locked = true;
    return { seconds: 15, work: (later) => this.#transfer(later) };
  }

  /** Takes back what a migration that failed has done. */
  abort(): void {
    const guest = this.#world.state.guests[this.#plan.vmid];
    if (!this.#locked || guest === undefined) return;
    delete guest.config["lock"];
    if (!this.#running) return;
    try {
      bringUp(this.#world, guest, () => undefined);
    } catch (error) {
      // What does not start stays as it is.
      if (!(error instanceof ApiError)) throw error;
    }
  }

  #transfer(log: Log): Step {
    const { node, vmid, target, storageMap } = this.#plan;
    this.#explaining(log, () => {
      moveVolumes(this.#world, this.#world.guest("lxc", node, vmid), target, storageMap, (line) => {
        this.#log(log, line);
      });
    });
    return {
      seconds: 1,
      work: (later) => {
        this.#finish(later);
        return undefined;
      },
    };
  }

  #finish(log: Log): void {
    const { vmid, target } = this.#plan;
    const guest = this.#world.guest("lxc", target, vmid);
    delete guest.config["lock"];
    this.#log(log, "start final cleanup");
    if (this.#running) {
      const { address } = this.#world.node(target);
      this.#log(log, "start container on target node");
      this.#log(log, `# /usr/bin/ssh -e none -o 'HostKeyAlias=${target}' root@${address} pct start ${vmid}`);
      bringUp(this.#world, guest, log);
    }
    this.#log(log, `migration finished successfully (duration ${this.#duration()})`);
  }

  /** The log says why, the task only that. */
  #explaining(log: Log, work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.#log(log, `ERROR: migration aborted (duration ${this.#duration()}): ${error.message}`);
      throw new ApiError(500, "migration aborted");
    }
  }

  #log(log: Log, line: string): void {
    const time = new Date(this.#world.seconds() * 1000).toISOString();
    log(`${time.slice(0, 19).replace("T", " ")} ${line}`);
  }

  #duration(): string {
    const seconds = this.#world.seconds() - this.#started;
    return [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
      .map((part) => String(part).padStart(2, "0"))
      .join(":");
  }
}

function checkPreconditions(world: World, guest: Guest, { target, online, restart, storageMap }: MigrationPlan): void {
  refuseLocked(guest);
  if (guest.status === "running") {
    if (online) throw new ApiError(500, "lxc live migration is currently not implemented");
    if (!restart) throw new ApiError(500, "running container can only be migrated in restart mode");
  }
  for (const { key, kind, volume, options } of mountPointsOf(guest.config)) {
    if (kind !== "volume") {
      if (options["shared"] !== "1") throw new ApiError(500, `cannot migrate local ${kind} mount point '${key}'`);
      continue;
    }
    const { storage } = splitVolumeId(volume);
    world.storage(guest.node, storage);
    world.storage(target, storageMap(storage));
  }
  requireDestination(world, target);
}
