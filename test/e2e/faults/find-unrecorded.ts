import type { Simulator } from "@proxmox-homelab/simulator";

type ServerState = Simulator["state"];

/** Something on the server: the ID that a state knows it by, and the words that tell people of it. */
interface Thing {
  readonly id: string;
  readonly words: string;
}

/** The words for all that a run has made on a server and that no state knows of: somebody has to be told. */
export function findUnrecorded(before: ServerState, after: ServerState, known: ReadonlySet<string>): string[] {
  const old = new Set(thingsOn(before).map(({ id }) => id));
  return thingsOn(after)
    .filter(({ id }) => !old.has(id) && !known.has(id))
    .map(({ words }) => words);
}

function thingsOn({ guests, storages, sections, nodes, volumes }: ServerState): Thing[] {
  const named = (ids: readonly string[]) => ids.map((id) => ({ id, words: id }));
  return [
    ...Object.keys(guests).map((vmid) => ({ id: vmid, words: `VMID ${vmid}` })),
    ...named(Object.keys(storages)),
    ...named(Object.keys(sections.backupJobs)),
    ...named(Object.keys(sections.metricServers)),
    ...Object.values(nodes).flatMap(({ name: node, zpools, interfaces }) => [
      ...Object.keys(zpools).map((name) => ({ id: `${node}/${name}`, words: name })),
      ...Object.entries(interfaces)
        .filter(([, { type }]) => type === "bridge")
        .map(([name]) => ({ id: `${node}:${name}`, words: name })),
    ]),
    ...Object.entries(volumes).flatMap(([place, held]) =>
      Object.keys(held).flatMap((name) => {
        const id = `${place.split("/").at(-1) ?? ""}:${name}`;
        // A guest that is there has its disks.
        const vmid = /^(?:vm|subvol|base)-(\d+)-/.exec(name)?.[1];
        return vmid !== undefined && guests[Number(vmid)] !== undefined ? [] : [{ id, words: id }];
      }),
    ),
  ];
}
