import type { Inventory } from "../inventory.ts";
import { parseIpv4Network } from "../ipv4.ts";
import { locationOf } from "../storage-location.ts";
import { vmidOf } from "../vmid.ts";
import { placedGuests, type RuleIssue } from "./rule.ts";

/** What there can be only once is there only once. */
export function checkUnique(inventory: Inventory): RuleIssue[] {
  return [
    ...vmids(inventory),
    ...addresses(inventory),
    ...hostnames(inventory),
    ...vlans(inventory),
    ...subnets(inventory),
    ...disks(inventory),
    ...ports(inventory),
    ...locations(inventory),
    ...imageFiles(inventory),
    ...keys(inventory),
  ];
}

interface Claim {
  readonly value: number | string;
  /** Who claims it, in the words of an error: `containers.grafana`. */
  readonly owner: string;
  readonly path: readonly (string | number)[];
  readonly at?: "key";
  readonly remedy: string;
}

function duplicates(claims: readonly Claim[], describe = (value: Claim["value"]) => String(value)): RuleIssue[] {
  const owners = new Map<Claim["value"], string>();
  return claims.flatMap(({ value, owner, path, at, remedy }) => {
    const first = owners.get(value);
    if (first === undefined) owners.set(value, owner);
    if (first === undefined) return [];
    const problem = `${describe(value)} is already taken by ${first}.`;
    return [{ path, ...(at === undefined ? {} : { at }), problem, remedy }];
  });
}

function vmids(inventory: Inventory): RuleIssue[] {
  const claims = placedGuests(inventory).flatMap(({ path, guest }): Claim[] => {
    const network = inventory.networks[guest.network];
    if (guest.vmid === undefined && network === undefined) return [];
    const value = network === undefined ? (guest.vmid ?? 0) : vmidOf(guest, network);
    const derived = guest.vmid === undefined;
    const remedy = derived ? "Choose another address, or give one of them a vmid." : "Choose a free VMID.";
    return [{ value, owner: path.join("."), path: [...path, derived ? "address" : "vmid"], remedy }];
  });
  // Two guests with one address have one derived VMID too: the address is what to say.
  const addressOf = new Map(placedGuests(inventory).map(({ path, guest }) => [path.join("."), guest.address]));
  return duplicates(claims, (vmid) => `The VMID ${vmid}`).filter(({ path, problem }) => {
    const [kind, name, key] = path;
    const other = /taken by (\S+)\.$/.exec(problem)?.[1] ?? "";
    return key === "vmid" || addressOf.get(`${kind}.${name}`) !== addressOf.get(other);
  });
}

function addresses(inventory: Inventory): RuleIssue[] {
  const nodes = Object.entries(inventory.nodes).map(([name, { address }]) => ({
    value: address,
    owner: `nodes.${name}`,
    path: ["nodes", name, "address"],
    remedy: "Give each node the address that it has.",
  }));
  const guests = placedGuests(inventory).map(({ path, guest }) => ({
    value: guest.address,
    owner: path.join("."),
    path: [...path, "address"],
    remedy: `Choose a free address in networks.${guest.network}.`,
  }));
  return duplicates([...nodes, ...guests]);
}

/** DNS and some file systems do not tell capitals from others. */
function hostnames(inventory: Inventory): RuleIssue[] {
  const nodes = Object.keys(inventory.nodes).map((name) => ({ name, path: ["nodes", name] }));
  return duplicates(
    [...nodes, ...placedGuests(inventory)].map(({ name, path }) => ({
      value: name.toLowerCase(),
      owner: path.join("."),
      path: [...path],
      at: "key" as const,
      remedy: "Choose another name: it becomes the hostname.",
    })),
    (name) => `The name ${name}`,
  );
}

function vlans({ networks }: Inventory): RuleIssue[] {
  const claims = Object.entries(networks).map(([name, { vlan, bridge }]) => ({
    value: `${vlan} on ${bridge}`,
    owner: `networks.${name}`,
    path: ["networks", name, "vlan"],
    remedy: "Choose a free VLAN tag.",
  }));
  return duplicates(claims, (vlan) => `The VLAN ${vlan}`);
}

function subnets({ networks }: Inventory): RuleIssue[] {
  const ranges = Object.entries(networks).flatMap(([name, { subnet }]) => {
    const range = parseIpv4Network(subnet);
    return range === undefined ? [] : [{ name, subnet, ...range }];
  });
  return ranges.flatMap(({ name, subnet, first, last }, index) =>
    ranges
      .slice(0, index)
      .filter((other) => first <= other.last && other.first <= last)
      .map((other) => ({
        path: ["networks", name, "subnet"],
        problem: `${subnet} overlaps with ${other.subnet} of networks.${other.name}.`,
        remedy: "Choose a range of its own.",
      })),
  );
}

/** One file under two names: whatever removes it under one of them takes it from the other, too. */
function locations({ storage, nodes }: Inventory): RuleIssue[] {
  const entries = Object.entries(storage).map(([id, own]) => {
    const location = locationOf(own);
    return { id, own, location, nodes: own.nodes ?? Object.keys(nodes) };
  });
  return entries.flatMap(({ id, own, location, nodes: where }, index) =>
    entries
      .slice(0, index)
      .filter((other) => other.own.type === own.type && other.location === location)
      .filter((other) => other.nodes.some((node) => where.includes(node)))
      .map((other) => ({
        path: ["storage", id],
        at: "key" as const,
        problem: `${id} shows ${location}, as storage.${other.id} does: each file there would have two names.`,
        remedy: `Use ${other.id}, or a folder, share or dataset of its own.`,
      })),
  );
}

function imageFiles({ images }: Inventory): RuleIssue[] {
  const claims = Object.entries(images).map(([key, image]) => {
    const file = image.kind === "talos" ? `Talos ${image.version} of ${image.schematic.slice(0, 12)}…` : image.fileName;
    const remedy = image.kind === "talos" ? `Use one entry for both.` : "Give each image a file of its own.";
    return { value: `${file} on ${image.storage}`, owner: `images.${key}`, path: ["images", key], remedy };
  });
  return duplicates(
    claims.map((claim) => ({ ...claim, at: "key" as const })),
    (file) => `The file ${file}`,
  );
}

function disks({ nodes }: Inventory): RuleIssue[] {
  return [
    ...duplicates(
      Object.entries(nodes).flatMap(([node, own]) =>
        Object.entries(own.disks).map(([key, { id }]) => ({
          value: id,
          owner: `nodes.${node}.disks.${key}`,
          path: ["nodes", node, "disks", key, "id"],
          remedy: "Give each disk its own ID.",
        })),
      ),
    ),
    ...Object.entries(nodes).flatMap(([node, { pools }]) =>
      duplicates(
        Object.entries(pools).flatMap(([pool, own]) =>
          own.disks.map((disk, index) => ({
            value: disk,
            owner: `nodes.${node}.pools.${pool}`,
            path: ["nodes", node, "pools", pool, "disks", index],
            remedy: "A disk belongs to one pool, once.",
          })),
        ),
        (disk) => `The disk ${disk}`,
      ),
    ),
  ];
}

function ports({ nodes }: Inventory): RuleIssue[] {
  return Object.entries(nodes).flatMap(([node, { bridges }]) =>
    duplicates(
      Object.entries(bridges).flatMap(([bridge, own]) =>
        own.ports.map((port, index) => ({
          value: port,
          owner: `nodes.${node}.bridges.${bridge}`,
          path: ["nodes", node, "bridges", bridge, "ports", index],
          remedy: "An interface belongs to one bridge, once.",
        })),
      ),
      (port) => `The interface ${port}`,
    ),
  );
}

/** Under a second name a key would still open all guests when the first name is removed. */
function keys({ access }: Inventory): RuleIssue[] {
  const claims = Object.entries(access.sshKeys).map(([name, key]) => ({
    value: key.split(" ")[1] ?? "",
    owner: `access.sshKeys.${name}`,
    path: ["access", "sshKeys", name],
    remedy: "Remove one of them: a key is revoked only when no name has it.",
  }));
  return duplicates(claims, () => "This key");
}
