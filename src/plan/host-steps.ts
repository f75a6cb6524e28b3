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

/** What only ZFS's own commands set: trimming, and the scrub that finds what has decayed while it can still be mended. */
function planPoolCare({ autotrim, scrub, ...poolPlan }: PoolPlan): StepPlan {
  const { name, pool } = poolPlan;
  const layout = layoutTest(poolPlan);
  const wanted = autotrim ? "on" : "off";
  const timer = `zfs-scrub-${scrub}@${pool}.timer`;
  return {
    name: partName(name, "care"),
    files: [],
    check: layout,
    activate: `zpool set autotrim=${wanted} ${pool}\nsystemctl enable --now ${timer}`,
    verify: `${layout}
[ "$(zpool get -H -o value autotrim ${pool})" = ${wanted} ] || { echo 'autotrim of ${pool} is not ${wanted}.' >&2; exit 1; }
systemctl is-enabled --quiet ${timer} || { echo '${timer} is not enabled.' >&2; exit 1; }`,
    units: [timer],
  };
}

/** A pool of another layout is another pool: nothing is set on it. */
function layoutTest({ pool, raidLevel, devices }: Pick<PoolPlan, "devices" | "pool" | "raidLevel">): string {
  const disks = devices.map(
    (device) =>
      `printf '%s\\n' "$layout" | grep -q '${device}' || { echo '${pool} does not have the disk ${device}, as the inventory says.' >&2; exit 1; }`,
  );
  return `layout=$(zpool status -P ${pool})
${disks.join("\n")}
[ "$(printf '%s\\n' "$layout" | grep -c '/dev/')" = ${devices.length} ] || { echo '${pool} has other disks than the inventory says.' >&2; exit 1; }
${raidLevel === "mirror" ? "" : "! "}printf '%s\\n' "$layout" | grep -q 'mirror-0' || { echo '${pool} is ${raidLevel === "mirror" ? "no" : "a"} mirror.' >&2; exit 1; }`;
}
