import type { Place, PlacedStepsPlan, StepPlan } from "../../../src/plan/steps.ts";
import { everything, theOne, type Cluster, type Mutation } from "./mutation.ts";

type Change = (cluster: Cluster) => void;

/**
 * Finds what can change behind the steps' backs: each file, unit and package, what they make besides, what a node is set to, and
 * how often a step was applied.
 */
export function findStepMutations(placed: readonly PlacedStepsPlan[]): Mutation[] {
  return placed.flatMap((own) => [
    ...own.steps.flatMap((step) => [
      ...step.files.map(({ path }, index) => ofFile(own, step, path, index)),
      ...packagesOf(step).map((name) => ofPackage(own, step, name)),
      ...made.filter(([name]) => name.test(step.name)).map(([, path]) => ofMade(own, step, path)),
      ofRevision(own, step),
    ]),
    ...unitsOf(own).map(([verb, unit]) => ofUnit(own, unit, verb)),
    ...settingsOf(own),
  ]);
}

function mutationOf(
  { name }: PlacedStepsPlan,
  steps: readonly StepPlan[],
  what: string,
  is: string | RegExp,
  change: Change,
): Mutation {
  return {
    label: `${steps.map((step) => step.name).join(", ")} in ${name}: ${what}`,
    subject: `steps in ${name}`,
    claim: steps.length === 1 ? (steps[0]?.name ?? everything) : everything,
    change,
    expected: steps.map((step) => ({
      kind: "changed",
      what: `step ${step.name} in ${name}`,
      was: "as it was applied",
      is,
    })),
  };
}

/** A file is edited, taken away, or given to others, each in its turn. */
function ofFile(own: PlacedStepsPlan, step: StepPlan, path: string, index: number): Mutation {
  const how = (["edited", "removed", "readable", "given away"] as const)[index % 4] ?? "edited";
  const is = new RegExp(`^${path.replaceAll(/[.+]/g, "\\$&")}(?: |$)`);
  return mutationOf(own, [step], `${path} is ${how}`, is, (cluster) => {
    const files = filesOf(cluster, own.place);
    const file = theOne(files[path], path);
    if (how === "removed") Reflect.deleteProperty(files, path);
    else if (how === "readable") files[path] = { ...file, mode: file.mode ^ 0o006 };
    else if (how === "given away") files[path] = { ...file, uid: 65_534 };
    else files[path] = { ...file, content: Buffer.from("# mine\n").toString("base64") };
  });
}

/** What steps make that is none of their files, and look at. */
const made: readonly (readonly [step: RegExp, path: RegExp])[] = [
  [/^gitlab-configuration$/, /^\/etc\/gitlab\/ssl\/homelab\.crt$/],
  [/^influxdb-contents$/, /^\/var\/lib\/influxdb\/influxd\.bolt$/],
  [/-pve-exporter-program$/, /^\/opt\/prometheus-pve-exporter\/exporter\.whl$/],
  [/-traefik-release$/, /^\/opt\/traefik\/[^/]+\/traefik$/],
];

function ofMade(own: PlacedStepsPlan, step: StepPlan, path: RegExp): Mutation {
  return mutationOf(own, [step], `${path.source} is taken away`, /./, (cluster) => {
    const files = filesOf(cluster, own.place);
    const found = Object.keys(files).find((candidate) => path.test(candidate));
    Reflect.deleteProperty(files, theOne(found, path.source));
  });
}

/** The program of a package with which other steps of a place verify, and what they say without it. */
const programs: Readonly<Record<string, readonly [program: string, said: string]>> = {
  "apache2-utils": ["htpasswd", "its verification fails"],
  curl: ["curl", "sh: 1: curl: not found"],
};

function ofPackage(own: PlacedStepsPlan, step: StepPlan, name: string): Mutation {
  const is = new RegExp(`^${name} .* is not installed\\.$`);
  const mutation = mutationOf(own, [step], `package ${name}`, is, (cluster) => {
    const packages = packagesIn(cluster, own.place);
    theOne(packages[name], name);
    Reflect.deleteProperty(packages, name);
  });
  const [program, said] = programs[name] ?? ["none", ""];
  const users = own.steps.filter(({ verify = "" }) => verify.startsWith(`${program} `));
  if (users.length === 0) return mutation;
  const more = mutationOf(own, users, name, said, mutation.change);
  return { ...mutation, claim: everything, expected: [...mutation.expected, ...more.expected] };
}

/** As after a backup from before the last change was restored. */
function ofRevision(own: PlacedStepsPlan, step: StepPlan): Mutation {
  const is = "applied 0 times, and the state knows of once: was an older backup restored?";
  return mutationOf(own, [step], "an older backup was restored", is, (cluster) => {
    const files = filesOf(cluster, own.place);
    const path = `/var/lib/homelab/steps/${step.name}/current/revision`;
    files[path] = { ...theOne(files[path], path), content: Buffer.from("0\n").toString("base64") };
  });
}

type Verb = "is-active" | "is-enabled";

/** Stops a unit, or lets it not be started at boot; all steps that look at it tell of that, and those that ask it something. */
function ofUnit(own: PlacedStepsPlan, unit: string, verb: Verb): Mutation {
  const steps = own.steps.filter(
    (step) =>
      looksOf(step).some(([how, which]) => how === verb && which === unit) ||
      (verb === "is-active" && asks(step, unit)),
  );
  const what = verb === "is-active" ? "is stopped" : "is disabled";
  return mutationOf(own, steps, `unit ${unit} ${what}`, /./, ({ guests, nodes }) => {
    const { place } = own;
    if (place.kind === "node") {
      const node = theOne(nodes[place.node], place.node);
      if (verb === "is-active") node.services[unit] = "stopped";
      else node.disabledServices = [...(node.disabledServices ?? []), unit];
    } else {
      const { services, mounts = {} } = theOne(guests[place.vmid], unit).inside;
      const service = theOne(services[unit], unit);
      service[verb === "is-active" ? "active" : "enabled"] = false;
      if (verb === "is-active" && unit.endsWith(".mount")) Reflect.deleteProperty(mounts, folderOf(unit));
    }
  });
}

/** What a step asks systemd for: how its units are, by names without `.service`. */
function looksOf({ verify = "" }: StepPlan): [verb: Verb, unit: string][] {
  const lines = verify.matchAll(/^systemctl (is-active|is-enabled) --quiet '?(\S+?)(?:\.service)?'?$/gm);
  return [...lines].map(([, verb, unit = ""]) => [verb as Verb, unit]);
}

function asks({ units = [], verify = "" }: StepPlan, unit: string): boolean {
  return units.includes(unit) && /^(?:curl|\/usr\/local\/sbin\/homelab-influxdb) /.test(verify);
}

/** What steps of the place ask systemd for, each of it once. */
function unitsOf({ steps }: PlacedStepsPlan): [verb: Verb, unit: string][] {
  return [...new Map(steps.flatMap(looksOf).map((look) => [look.join(" "), look])).values()];
}

/** `srv-backup.mount` mounts /srv/backup. */
function folderOf(unit: string): string {
  return `/${unit.replace(/\.mount$/, "").replaceAll("-", "/")}`;
}

function packagesOf({ verify = "" }: StepPlan): string[] {
  return [...verify.matchAll(/echo '(\S+) \S+ is not installed/g)].flatMap(([, name = ""]) => [name]);
}

/** What a node's steps set that is in no file. */
function settingsOf(own: PlacedStepsPlan): Mutation[] {
  if (own.place.kind !== "node") return [];
  const { node } = own.place;
  return own.steps.flatMap((step): Mutation[] => {
    if (step.name === `${node}-arc-limit`) {
      const change: Change = ({ nodes }) => {
        theOne(nodes[node], node).cacheLimit = 7;
      };
      return [mutationOf(own, [step], "zfs_arc_max", "zfs_arc_max is 7.", change)];
    }
    const [, pool] = new RegExp(`^${node}-(.+)-care$`).exec(step.name) ?? [];
    if (pool === undefined) return [];
    const timer = `zfs-scrub-monthly@${pool}.timer`;
    return [
      mutationOf(own, [step], "autotrim", `autotrim of ${pool} is off, not on.`, ({ nodes }) => {
        theOne(nodes[node]?.zpools[pool], pool).properties["autotrim"] = "off";
      }),
      mutationOf(own, [step], timer, `${timer} is not enabled.`, ({ nodes }) => {
        const own = theOne(nodes[node], node);
        own.disabledServices = [...(own.disabledServices ?? []), timer];
      }),
    ];
  });
}

function filesOf({ guests, nodes }: Cluster, place: Place) {
  if (place.kind === "node") return theOne(nodes[place.node], place.node).files;
  return theOne(guests[place.vmid], String(place.vmid)).inside.files;
}

function packagesIn({ guests, nodes }: Cluster, place: Place): Record<string, string> {
  if (place.kind === "node") return theOne(nodes[place.node]?.packages, place.node);
  return theOne(guests[place.vmid], String(place.vmid)).inside.packages;
}
