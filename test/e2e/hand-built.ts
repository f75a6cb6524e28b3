import type { Simulator } from "@proxmox-homelab/simulator";
import type { ContainerPlan } from "../../src/plan/containers.ts";
import type { FirewallRulePlan } from "../../src/plan/firewall.ts";
import type { GuestPlan } from "../../src/plan/guests.ts";
import type { MachineDiskPlan, MachinePlan } from "../../src/plan/machines.ts";
import type { HomelabPlan } from "../../src/plan/plan.ts";
import type { StoragePlan } from "../../src/plan/storages.ts";

type Parameters = Record<string, string>;

/** Builds a homelab as someone does who clicks it together: through the API, saying no more than is needed. */
export async function buildByHand(simulator: Simulator, plan: HomelabPlan): Promise<void> {
  const post = (path: string, parameters: Parameters) => run(simulator, "POST", path, parameters);
  const put = (path: string, parameters: Parameters) => run(simulator, "PUT", path, parameters);
  for (const { origin, node, pool, raidLevel, devices, ashift, compression } of plan.nodes.flatMap(
    ({ pools }) => pools,
  )) {
    if (origin === "installer" || compression === undefined) continue;
    const layout = { raidlevel: raidLevel, devices: devices.join(","), ashift: String(ashift), compression };
    await post(`/nodes/${node}/disks/zfs`, { name: pool, ...layout });
  }
  for (const { origin, node, bridge, ports, vlanAware } of plan.nodes.flatMap(({ bridges }) => bridges)) {
    if (origin === "installer") continue;
    const settings = { bridge_ports: ports.join(" "), ...(vlanAware ? { bridge_vlan_aware: "1" } : {}) };
    await post(`/nodes/${node}/network`, { iface: bridge, type: "bridge", autostart: "1", ...settings });
    await put(`/nodes/${node}/network`, {});
  }
  for (const storage of plan.storages) {
    if (storage.origin === "create") await post("/storage", storageOf(storage));
  }
  for (const { node, storage, url, fileName, contentType, checksum } of plan.images) {
    const sum = checksum === undefined ? {} : { checksum: checksum.value, "checksum-algorithm": checksum.algorithm };
    const file = { url, filename: fileName, content: contentType, ...sum };
    await post(`/nodes/${node}/storage/${storage}/download-url`, file);
  }
  for (const container of plan.containers) await post(`/nodes/${container.node}/lxc`, containerOf(container));
  for (const machine of plan.machines) await buildMachine(simulator, machine);
  for (const { name, node, storage, schedule, ...job } of plan.backups) {
    await post("/cluster/backup", {
      ...{ id: name, node, storage, schedule, all: "1", mode: job.mode, compress: "zstd", enabled: "1" },
      bwlimit: String(job.bandwidthKib),
      "repeat-missed": job.repeatMissed ? "1" : "0",
      "notes-template": job.notes,
      "prune-backups": properties(job.prune),
    });
  }
  const { enabled: on, inputPolicy, outputPolicy } = plan.firewall;
  const policies = { enable: on ? "1" : "0", policy_in: inputPolicy, policy_out: outputPolicy };
  await put("/cluster/firewall/options", policies);
  for (const [node, enabled] of Object.entries(plan.firewall.nodes))
    await put(`/nodes/${node}/firewall/options`, { enable: enabled ? "1" : "0" });
}

async function buildMachine(simulator: Simulator, machine: MachinePlan): Promise<void> {
  const { node, vmid, systemDisk, firewall } = machine;
  if (machine.kind === "cloud") writeSnippet(simulator, node, machine.userData);
  const path = `/nodes/${node}/qemu`;
  await run(simulator, "POST", path, machineOf(machine));
  const growth = { disk: systemDisk.interface, size: `${systemDisk.sizeGib}G` };
  await run(simulator, "PUT", `${path}/${vmid}/resize`, growth);
  if (firewall !== undefined) {
    // A new rule comes before the others.
    for (const rule of [...firewall.rules].reverse())
      await run(simulator, "POST", `${path}/${vmid}/firewall/rules`, ruleOf(rule));
    const policies = { enable: "1", policy_in: firewall.inputPolicy, policy_out: firewall.outputPolicy };
    await run(simulator, "PUT", `${path}/${vmid}/firewall/options`, policies);
  }
  await run(simulator, "POST", `${path}/${vmid}/status/start`, {});
}

function storageOf(storage: StoragePlan): Parameters {
  const common = { storage: storage.name, type: storage.type, content: storage.content.join(",") };
  const base = { ...common, nodes: storage.nodes.join(",") };
  switch (storage.type) {
    case "zfspool":
      return { ...base, pool: storage.dataset, sparse: storage.thin ? "1" : "0" };
    case "dir":
      return { ...base, path: storage.path };
    case "nfs":
      return { ...base, server: storage.server, export: storage.export, options: storage.options };
    case "cifs": {
      const { server, share, username, options } = storage;
      return { ...base, server, share, username, password: "as someone typed it", options };
    }
  }
}

function containerOf(container: ContainerPlan): Parameters {
  const { template, disk, mountPoints, network, name, sshKeys } = container;
  const volumes = mountPoints.map(({ slot, path, storage, sizeGib, backup }) => [
    slot,
    `${storage}:${sizeGib},mp=${path},backup=${backup ? 1 : 0}`,
  ]);
  return {
    ...guestOf(container),
    hostname: name,
    ostemplate: template,
    unprivileged: container.unprivileged ? "1" : "0",
    ...(container.nesting ? { features: "nesting=1" } : {}),
    swap: String(container.swapMib),
    rootfs: `${disk.storage}:${disk.sizeGib}`,
    ...(Object.fromEntries(volumes) as Parameters),
    net0: `name=eth0,bridge=${network.bridge},tag=${network.vlan},ip=${network.address},gw=${network.gateway}`,
    "ssh-public-keys": sshKeys.join("\n"),
    start: "1",
  };
}

function machineOf(machine: MachinePlan): Parameters {
  const { network, efiDisk, systemDisk, dataDisks } = machine;
  const disk = ({ storage, iothread, discard }: MachineDiskPlan, size: string) =>
    `${storage}:${size}${iothread ? ",iothread=1" : ""}${discard ? ",discard=on" : ""}`;
  const data = dataDisks.map((own) => [own.interface, disk(own, String(own.sizeGib))]);
  return {
    ...guestOf(machine),
    name: machine.name,
    machine: machine.machineType,
    bios: machine.bios,
    ostype: "l26",
    cpu: machine.cpuType,
    balloon: String(machine.balloonMib),
    agent: machine.agent ? "1" : "0",
    ...(machine.serialConsole ? { serial0: "socket" } : {}),
    scsihw: machine.scsiHardware,
    efidisk0: `${efiDisk.storage}:1,efitype=${efiDisk.type},pre-enrolled-keys=${efiDisk.preEnrolledKeys ? 1 : 0}`,
    [systemDisk.interface]: `${disk(systemDisk, "0")},import-from=${systemDisk.importFrom}`,
    ...(Object.fromEntries(data) as Parameters),
    ide2: `${machine.cloudInitStorage}:cloudinit`,
    ide3: "none,media=cdrom",
    boot: `order=${systemDisk.interface}`,
    net0: `virtio,bridge=${network.bridge},tag=${network.vlan}${network.firewall ? ",firewall=1" : ""}`,
    ipconfig0: `ip=${network.address},gw=${network.gateway}`,
    ...(machine.kind === "cloud" ? { cicustom: `user=${machine.userData.volumeId}` } : {}),
    ...(machine.protection ? { protection: "1" } : {}),
  };
}

function guestOf({ vmid, description, tags, cores, memoryMib, network, startup }: GuestPlan): Parameters {
  return {
    vmid: String(vmid),
    description,
    tags: tags.join(";"),
    cores: String(cores),
    memory: String(memoryMib),
    nameserver: network.dns.join(" "),
    onboot: "1",
    startup: `order=${startup.order},up=${startup.delaySeconds}`,
  };
}

function ruleOf({ direction, action, comment, protocol, port, source, destination }: FirewallRulePlan): Parameters {
  return {
    ...{ type: direction, action, comment, enable: "1" },
    ...(protocol === undefined ? {} : { proto: protocol }),
    ...(port === undefined ? {} : { dport: port }),
    ...(source === undefined ? {} : { source }),
    ...(destination === undefined ? {} : { dest: destination }),
  };
}

/** Proxmox VE takes snippets through no API: someone has copied it to the node. */
function writeSnippet(
  simulator: Simulator,
  node: string,
  { storage, fileName, text }: { readonly storage: string; readonly fileName: string; readonly text: string },
): void {
  const name = `snippets/${fileName}`;
  const file = { name, content: "snippets" as const, format: "snippet" as const, created: 1_760_000_000 };
  simulator.change(({ volumes }) => {
    const data = Buffer.from(text).toString("base64");
    (volumes[`${node}/${storage}`] ??= {})[name] = { ...file, size: Buffer.byteLength(text), data };
  });
}

function properties(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${value}`)
    .join(",");
}

/** Makes a request, and waits for its task. */
async function run(simulator: Simulator, method: string, path: string, parameters: Parameters): Promise<void> {
  const upid = await simulator.request<unknown>(method, path, parameters);
  if (typeof upid !== "string" || !upid.startsWith("UPID:")) return;
  const node = upid.split(":")[1] ?? "";
  for (;;) {
    const task = await simulator.request<{ status: string; exitstatus?: string }>(
      "GET",
      `/nodes/${node}/tasks/${upid}/status`,
    );
    if (task.status === "running") continue;
    if (task.exitstatus !== "OK") throw new Error(`${method} ${path}: ${task.exitstatus ?? ""}`);
    return;
  }
}
