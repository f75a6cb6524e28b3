import { writeSync } from "node:fs";
import { instantClock } from "../../simulator/src/clock.ts";
import { StateFolder } from "../../simulator/src/state-folder/state-folder.ts";
import { defaultSeed } from "../../simulator/src/state/seed.ts";
import { emptyFirewall, type ClusterState } from "../../simulator/src/state/cluster.ts";
import { emptySystem } from "../../simulator/src/state/guest.ts";
import { World } from "../../simulator/src/world.ts";

/** How many transactions a state has seen. */
export function countOf(state: ClusterState): number {
  return Number(state.datacenter["description"] ?? 0);
}

/** The next transaction: a bit of everything that patches can say, and always the same after the same number. */
export function change(state: ClusterState): void {
  const count = countOf(state) + 1;
  state.datacenter["description"] = String(count);
  state.guests[100 + count] = {
    type: "lxc",
    vmid: 100 + count,
    node: "pve-01",
    config: { hostname: `host-${count}`, description: `Grüße ✓\n${"x".repeat(count % 50)}` },
    pending: {},
    snapshots: {},
    status: "stopped",
    firewall: emptyFirewall(),
    inside: emptySystem(),
  };
  Reflect.deleteProperty(state.guests, 100 + count - 10);
  const neighbour = state.guests[100 + count - 3];
  if (neighbour !== undefined) neighbour.config["cores"] = String(count);
  state.firewall.rules.unshift({ action: "ACCEPT", comment: String(count) });
  if (state.firewall.rules.length > 7) state.firewall.rules.splice(2, 3);
}

const [directory] = process.argv.slice(2);
if (import.meta.filename === process.argv[1] && directory !== undefined) {
  const folder = new StateFolder(directory, { compactAt: 1 });
  const world = new World(folder.left ?? defaultSeed(), instantClock());
  folder.begin(world.state);
  world.onChange((patches, state) => {
    folder.keep(patches, state);
  });
  for (;;) {
    world.transaction(() => {
      change(world.state);
    });
    writeSync(1, `${countOf(world.state)}\n`);
  }
}
