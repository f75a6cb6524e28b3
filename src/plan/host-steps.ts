import type { Inventory } from "../inventory/inventory.ts";
import { planNodes, type NodePlan, type PoolPlan } from "./hosts.ts";
import { partName } from "./names.ts";
import { resolved } from "./resolved.ts";
import { planNodeServices } from "./services/node-services.ts";
import type { PlacedStepsPlan, StepPlan } from "./steps.ts";

/** Decides what is set on nodes over SSH, because Proxmox's API has no settings for it. */
export function planHostSteps(inventory: Inventory): PlacedStepsPlan[] {
  return planNodes(inventory).map((node) => ({
    name: node.name,
    place: { kind: "node", node: node.name },
    steps: [planArcLimit(node), ...node.pools.map(planPoolCare), ...planNodeServices(node.name, inventory)],
    onDrift: resolved(inventory.nodes, node.name).onDrift,
  }));
}

/** ZFS's cache: at once, and after the next start (https://pve.proxmox.com/pve-docs/chapter-sysadmin.html#sysadmin_zfs_limit_memory_usage). */
function planArcLimit({ name, arcLimitBytes }: NodePlan): StepPlan {
  const parameter = "/sys/module/zfs/parameters/zfs_arc_max";
  return {
    name: partName(name, "arc-limit"),
    files: [
      {
        path: "/etc/modprobe.d/homelab-zfs.conf",
        mode: "0644",
        owner: "root:root",
        text: [`options zfs zfs_arc_max=${arcLimitBytes}\n`],
      },
    ],
    // The module is loaded before the root file system is there: its options have to be in the initial one.
    activate: `echo ${arcLimitBytes} > ${parameter}\nupdate-initramfs -u -k all`,
    verify: `[ "$(cat ${parameter})" = ${arcLimitBytes} ] || { echo "zfs_arc_max is $(cat ${parameter})." >&2; exit 1; }`,
  };
}

/**
 * What only ZFS's own commands set on a pool that is there: trimming, compression, and the scrub that finds what has decayed while
 * it can still be mended.
 */
function planPoolCare(plan: PoolPlan): StepPlan {
  const { name, pool, scrub } = plan;
  const layout = layoutTest(plan);
  const timer = `zfs-scrub-${scrub}@${pool}.timer`;
  const settings = settingsOf(plan);
  return {
    name: partName(name, "care"),
    files: [],
    check: layout,
    activate: [
      ...settings.map(({ program, property, value }) => `${program} set ${property}=${value} ${pool}`),
      `systemctl enable --now ${timer}`,
    ].join("\n"),
    verify: `${layout}
differs=
is_set() {
  value=$("$1" get -H -o value "$2" ${pool})
  [ "$value" = "$3" ] || { echo "$2 of ${pool} is $value, not $3." >&2; differs=1; }
}
${settings.map(({ program, property, value }) => `is_set ${program} ${property} ${value}`).join("\n")}
systemctl is-enabled --quiet ${timer} || { echo '${timer} is not enabled.' >&2; exit 1; }
[ -z "$differs" ]`,
    units: [timer],
  };
}

interface PoolSetting {
  readonly program: "zfs" | "zpool";
  readonly property: string;
  readonly value: string;
}

function settingsOf({ autotrim, compression }: PoolPlan): PoolSetting[] {
  return [
    { program: "zpool", property: "autotrim", value: autotrim ? "on" : "off" },
    ...(compression === undefined ? [] : [{ program: "zfs" as const, property: "compression", value: compression }]),
  ];
}

/** A pool of another layout is another pool: nothing is set on it. It may have a disk under any of the disk's names. */
function layoutTest({ pool, raidLevel, devices }: Pick<PoolPlan, "devices" | "pool" | "raidLevel">): string {
  return `layout=$(zpool status -P ${pool})
has_disk() {
  printf '%s\\n' "$layout" | grep -qF "$1" && return 0
  disk=$(readlink -f "$1" 2>/dev/null) && printf '%s\\n' "$layout" | grep -qE "^[[:space:]]*$disk(p?[0-9]+)?[[:space:]]" && return 0
  printf '%s\\n' "${pool} does not have the disk $1, as the inventory says." >&2
  exit 1
}
${devices.map((device) => `has_disk '${device}'`).join("\n")}
[ "$(printf '%s\\n' "$layout" | grep -c '/dev/')" = ${devices.length} ] || { echo '${pool} has other disks than the inventory says.' >&2; exit 1; }
${raidLevel === "mirror" ? "" : "! "}printf '%s\\n' "$layout" | grep -q 'mirror-0' || { echo '${pool} is ${raidLevel === "mirror" ? "no" : "a"} mirror.' >&2; exit 1; }`;
}
