import { isRoot, requireOnGuest } from "../guest/permissions.ts";
import { requirePrivileges } from "../access/permissions.ts";
import { ApiError, invalidParameters } from "../api-error.ts";
import { parseSetting } from "../guest/config.ts";
import type { Context } from "../handlers.ts";
import type { Section } from "../state/cluster.ts";
import { isCdrom, isCloudInit, isDriveName, parseDrive } from "./drives.ts";

/** Whose virtual machine it is about; of one that is being made, also the pool that it gets into. */
export interface PermissionTarget {
  readonly vmid: number;
  readonly pool?: string | undefined;
}

/** The privileges that options of a configuration ask for: PVE::API2::Qemu's lists. */
const privilegeOf: Readonly<Record<string, string>> = {
  ...named("VM.Config.CPU", "cores cpu cpulimit cpuunits numa smp sockets vcpus"),
  ...named("VM.Config.Memory", "memory balloon shares allow-ksm"),
  ...named("VM.Config.HWType", "acpi hotplug kvm machine scsihw smbios1 tablet vga watchdog audio0 rng0"),
  ...named(
    "VM.Config.Options",
    "agent autostart bios description keyboard localtime migrate_downtime migrate_speed name onboot ostype protection reboot startdate startup tdf template",
  ),
  ...named("VM.PowerMgmt", "freeze"),
  ...named("VM.Config.Disk", "boot bootdisk vmstatestorage"),
};
const cloudInit = /^(?:cicustom|cipassword|citype|ciuser|ciupgrade|nameserver|searchdomain|sshkeys|ipconfig\d+)$/;

/**
 * Refuses an option that is for root only.
 * @throws {ApiError} 400
 */
export function requireRootFor(context: Context, options: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(options)) {
    if (value !== undefined && value !== false && !isRoot(context)) {
      throw invalidParameters({ [name]: "Only root may use this option." });
    }
  }
}

/** Checks options whose privilege does not depend on their value; `check_vm_modify_config_perm`. */
export function checkOptions(context: Context, target: PermissionTarget, options: readonly string[]): void {
  if (isRoot(context)) return;
  for (const option of options) {
    if (isDriveName(option) || /^(?:cdrom|tags|(?:unused|serial|usb|hostpci|virtiofs)\d+)$/.test(option)) continue;
    const privilege =
      privilegeOf[option] ?? (/^numa\d+$/.test(option) ? "VM.Config.CPU" : undefined) ?? networkPrivilege(option);
    if (privilege !== undefined) requireOnGuest(context, target, [privilege]);
    else if (cloudInit.test(option)) {
      requireOnGuest(context, target, ["VM.Config.Cloudinit", "VM.Config.Network"], true);
    } else throw new ApiError(500, `only root can set '${option}' config`);
    if (option === "startup") context.world.require(context.session, "/", "Sys.Modify");
  }
}

/** Checks a device whose privilege depends on what it is of the node; `what` is set, modified or deleted. */
export function checkDevice(
  context: Context,
  target: PermissionTarget,
  name: string,
  text: string,
  what: "set" | "modify" | "delete" = "set",
): void {
  if (isRoot(context)) return;
  const hardware = () => {
    requireOnGuest(context, target, ["VM.Config.HWType"]);
  };
  const mapped = (path: string) => {
    context.world.require(context.session, path, "Mapping.Use");
  };
  if (/^serial\d+$/.test(name)) {
    if (text !== "socket") throw new ApiError(500, `only root can ${what} '${name}' config for real devices`);
    hardware();
  } else if (/^(?:usb|hostpci)\d+$/.test(name)) {
    const { host, mapping, romfile } = parseSetting("qemu", name, text);
    const usb = name.startsWith("usb");
    if (host !== undefined && !(usb && host.toLowerCase() === "spice")) {
      const kind = usb ? "real" : "non-mapped";
      throw new ApiError(500, `only root can set '${name}' config for ${kind} devices`);
    }
    if (host === undefined && mapping === undefined) throw new ApiError(500, "either 'host' or 'mapping' must be set.");
    if (mapping !== undefined) mapped(`/mapping/${usb ? "usb" : "pci"}/${mapping}`);
    hardware();
    if (romfile !== undefined) throw invalidParameters({ [name]: "only root@pam can set 'romfile' option" });
  } else if (name === "rng0") {
    hardware();
    if (parseSetting("qemu", name, text)["source"] === "/dev/hwrng") mapped("/mapping/hwrng");
  } else if (/^virtiofs\d+$/.test(name)) {
    requireOnGuest(context, target, ["VM.Config.Disk"]);
    mapped(`/mapping/dir/${parseSetting("qemu", name, text)["dirid"] ?? ""}`);
  }
}

/** Checks the change of a drive. */
export function checkDrive(context: Context, target: PermissionTarget, name: string, text: string): void {
  const drive = parseDrive(name, text);
  if (isCloudInit(drive)) requireOnGuest(context, target, ["VM.Config.Cloudinit", "VM.Config.CDROM"]);
  else requireOnGuest(context, target, [isCdrom(drive) ? "VM.Config.CDROM" : "VM.Config.Disk"]);
}

/** Checks the bridges of network devices: one needs SDN.Use on each, or on the VLAN that one uses of it. */
export function checkBridges(context: Context, settings: Section): void {
  if (isRoot(context)) return;
  const { world, session } = context;
  for (const [name, text] of Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!/^net\d+$/.test(name)) continue;
    const { bridge, tag, trunks } = parseSetting("qemu", name, text);
    if (bridge === undefined) continue;
    const zone = world.state.sdn.running.vnets[bridge]?.["zone"] ?? "localnetwork";
    const path = `/sdn/zones/${zone}/${bridge}`;
    if (trunks !== undefined || tag === undefined) world.require(session, path, "SDN.Use");
    else if (!world.may(session, path, "SDN.Use")) world.require(session, `${path}/${tag}`, "SDN.Use");
  }
}

/** Checks a CPU model of one's own. */
export function checkCpuModel({ world, session }: Context, cpu: string | undefined, previous?: string): void {
  const typeOf = (text: string | undefined) => parseSetting("qemu", "cpu", text ?? "")["cputype"];
  const type = typeOf(cpu);
  if (type?.startsWith("custom-") !== true || type === typeOf(previous)) return;
  world.require(session, `/mapping/cpu/${type.slice("custom-".length)}`, "Mapping.Use");
}

/**
 * Refuses a volume that the user may not use: PVE::Storage::check_volume_access.
 * @throws {ApiError} 403
 */
export function checkVolumeAccess(context: Context, vmid: number, node: string, volumeId: string): void {
  const { world, session } = context;
  if (volumeId.startsWith("/")) {
    if (isRoot(context)) return;
    throw new ApiError(500, "Only root can pass arbitrary filesystem paths.");
  }
  const [storage = ""] = volumeId.split(":");
  const path = `/storage/${storage}`;
  if (world.may(session, path, "Datastore.Allocate")) return;
  const volume = world.volumesOn(node, storage)[volumeId.slice(storage.length + 1)];
  const content = volume?.content ?? /:(iso|import|snippets|vztmpl|backup)\//.exec(volumeId)?.[1] ?? "images";
  const owner = volume?.vmid;
  if (content === "iso" || content === "import" || content === "vztmpl") {
    requirePrivileges(world.state, session.user, path, ["Datastore.AllocateSpace", "Datastore.Audit"], true);
  } else if (owner === vmid) return;
  else if (content === "backup" && owner !== undefined) {
    world.require(session, path, "Datastore.AllocateSpace");
    world.require(session, `/vms/${owner}`, "VM.Backup");
  } else if (content === "images" && owner !== undefined) {
    world.require(session, path, "Datastore.Audit");
    world.require(session, `/vms/${owner}`, "VM.Config.Disk");
  } else world.require(session, path, "Datastore.Allocate");
}

function networkPrivilege(option: string): string | undefined {
  return /^net\d+$/.test(option) ? "VM.Config.Network" : undefined;
}

function named(privilege: string, options: string): Record<string, string> {
  return Object.fromEntries(options.split(" ").map((option) => [option, privilege]));
}
