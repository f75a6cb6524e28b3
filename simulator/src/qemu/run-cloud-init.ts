import { gunzipSync } from "node:zlib";
import { parseDocument } from "yaml";
import { findPackage } from "../guest-commands/package-catalogue.ts";
import type { GuestSystem } from "../state/guest.ts";
import type { CloudInitData } from "./cloud-init.ts";
import { createUsers } from "./cloud-init-users.ts";
import { putFile, unitName } from "./guest-system.ts";
import type { OperatingSystem } from "./images.ts";

/** What is understood, or needs nothing to be done. */
const known = new Set(
  [
    "hostname fqdn preserve_hostname prefer_fqdn_over_hostname manage_etc_hosts user users password chpasswd ssh_pwauth ssh_authorized_keys disable_root",
    "package_update package_upgrade package_reboot_if_required packages write_files runcmd bootcmd timezone locale final_message output growpart resize_rootfs",
  ].flatMap((names) => names.split(" ")),
);

/** Does what cloud-init does at the first boot of an instance, as far as the simulator understands its user data. */
export function runCloudInit(system: GuestSystem, data: CloudInitData, os: OperatingSystem, now: number): void {
  const log: string[] = [`Cloud-init v. 25.1.4 running 'modules:final' at ${new Date(now * 1000).toUTCString()}.`];
  const settings = readSettings(data, log);
  setHostname(system, settings, now);
  createUsers(system, settings, os.user, now);
  for (const file of recordsIn(settings["write_files"])) writeFile(system, file, log, now);
  if (typeof settings["timezone"] === "string") putFile(system, "/etc/timezone", `${settings["timezone"]}\n`, { now });
  for (const command of listIn(settings["bootcmd"])) log.push(`the simulator does not run: ${commandText(command)}`);
  for (const wanted of listIn(settings["packages"])) install(system, packageName(wanted), log);
  for (const command of listIn(settings["runcmd"])) runCommand(system, commandText(command), log);
  for (const name of Object.keys(settings)) {
    if (!known.has(name)) log.push(`the simulator does not apply: ${name}`);
  }
  putFile(system, "/var/lib/cloud/instance/user-data.txt", data.user, { now, mode: 0o600 });
  log.push(`Cloud-init v. 25.1.4 finished at ${new Date(now * 1000).toUTCString()}. Datasource DataSourceNoCloud.`);
  putFile(system, "/var/log/cloud-init-output.log", `${log.join("\n")}\n`, { now, mode: 0o640 });
}

/** User data before vendor data. What can't be read counts as nothing: the guest comes up without any of it. */
function readSettings({ user, vendor, meta }: CloudInitData, log: string[]): Record<string, unknown> {
  const named = /^local-hostname:\s*(\S+)/m.exec(meta)?.[1];
  return { ...(named === undefined ? {} : { hostname: named }), ...readPart(vendor, log), ...readPart(user, log) };
}

function readPart(text: string, log: string[]): Record<string, unknown> {
  if (text.trim() === "") return {};
  if (!text.startsWith("#cloud-config")) {
    log.push(
      text.startsWith("#!")
        ? `the simulator does not run: ${text.split("\n")[0] ?? ""}`
        : `__init__.py[WARNING]: Unhandled non-multipart (text/x-not-multipart) userdata: 'b'${text.slice(0, 24)}'...'`,
    );
    return {};
  }
  const document = parseDocument(text);
  const [problem] = document.errors;
  if (problem !== undefined) {
    log.push(`util.py[WARNING]: Failed loading yaml blob. Invalid format: ${problem.message.split("\n")[0] ?? ""}`);
    return {};
  }
  const value: unknown = document.toJS();
  if (isRecord(value)) return value;
  if (value !== null)
    log.push("util.py[WARNING]: Failed loading yaml blob. Yaml load allows (<class 'dict'>) root types");
  return {};
}

function setHostname(system: GuestSystem, { hostname, fqdn }: Record<string, unknown>, now: number): void {
  const full = typeof fqdn === "string" ? fqdn : typeof hostname === "string" ? hostname : undefined;
  const name = typeof hostname === "string" ? hostname : full?.replace(/\..*$/, "");
  if (name === undefined || full === undefined) return;
  system.hostname = name;
  putFile(system, "/etc/hostname", `${name}\n`, { now });
  putFile(system, "/etc/hosts", `127.0.1.1 ${full} ${name}\n127.0.0.1 localhost\n`, { now });
}

function writeFile(system: GuestSystem, file: Record<string, unknown>, log: string[], now: number): void {
  const { path, content = "", permissions, encoding, append, owner } = file;
  if (typeof path !== "string" || !path.startsWith("/")) {
    log.push(`cc_write_files.py[WARNING]: No path provided to write for entry`);
    return;
  }
  const data = decode(String(content), typeof encoding === "string" ? encoding : "text/plain");
  const before = append === true ? Buffer.from(system.files[path]?.content ?? "", "base64") : Buffer.alloc(0);
  // YAML reads 0644 as a number, and cloud-init a number as it is.
  const mode = typeof permissions === "number" ? permissions : Number.parseInt(textOr(permissions, "644"), 8);
  const id = ownerOf(system, textOr(owner, "root:root"));
  putFile(system, path, Buffer.concat([before, data]), { now, mode, ...id });
}

function decode(content: string, encoding: string): Buffer {
  if (/^(?:b64|base64)$/.test(encoding)) return Buffer.from(content, "base64");
  if (/^(?:gz|gzip)\+(?:b64|base64)$/.test(encoding)) return gunzipSync(Buffer.from(content, "base64"));
  return Buffer.from(content);
}

function ownerOf(system: GuestSystem, owner: string): { uid: number; gid: number } {
  const passwd = Buffer.from(system.files["/etc/passwd"]?.content ?? "", "base64").toString();
  const [name = "root"] = owner.split(":");
  const [, uid = "0", gid = "0"] = new RegExp(`^${name}:x:(\\d+):(\\d+):`, "m").exec(passwd) ?? [];
  return { uid: Number(uid), gid: Number(gid) };
}

function packageName(wanted: unknown): string {
  return String(Array.isArray(wanted) ? wanted[0] : wanted);
}

function install(system: GuestSystem, name: string, log: string[]): void {
  const found = findPackage(name);
  if (found === undefined || found.source !== undefined) {
    log.push(`E: Unable to locate package ${name}`);
    return;
  }
  system.packages[name] = found.version;
  log.push(`Setting up ${name} (${found.version}) ...`);
  for (const unit of found.units ?? []) system.services[unit] = { enabled: true, active: true };
}

/** What is most often in `runcmd`; anything else is written down instead of done. */
function runCommand(system: GuestSystem, text: string, log: string[]): void {
  for (const command of text.split(/\s*&&\s*/)) {
    const words = command.trim().split(/\s+/);
    const [program, ...rest] = words[0] === "sudo" ? words.slice(1) : words;
    const options = rest.filter((word) => word.startsWith("-"));
    const [verb = "", ...names] = rest.filter((word) => !word.startsWith("-"));
    if (program === "systemctl" && /^(?:enable|start|restart|disable|stop)$/.test(verb) && names.length > 0) {
      for (const name of names) changeService(system, unitName(name), verb, options.includes("--now"), log);
    } else if (program === "systemctl" && verb === "daemon-reload") continue;
    else if (/^apt(?:-get)?$/.test(program ?? "") && verb === "install") {
      for (const name of names) install(system, name, log);
    } else if (/^apt(?:-get)?$/.test(program ?? "") && /^(?:update|upgrade)$/.test(verb)) continue;
    else log.push(`the simulator does not run: ${command}`);
  }
}

function changeService(system: GuestSystem, name: string, verb: string, immediately: boolean, log: string[]): void {
  const unit = `${name}.service`;
  const service = system.services[name];
  const written = Object.keys(system.files).some((path) => path.endsWith(`/systemd/system/${unit}`));
  if (service === undefined && !written) {
    log.push(`Failed to ${verb} unit: Unit ${unit} does not exist`);
    return;
  }
  const { enabled, active } = service ?? { enabled: false, active: false };
  const on = verb === "enable" || verb === "start" || verb === "restart";
  const switches = verb === "enable" || verb === "disable";
  system.services[name] = {
    enabled: switches ? on : enabled,
    active: !switches || immediately ? on : active,
  };
}

function commandText(command: unknown): string {
  return Array.isArray(command) ? command.map(String).join(" ") : String(command);
}

function listIn(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function recordsIn(value: unknown): Record<string, unknown>[] {
  return listIn(value).filter(isRecord);
}

function textOr(value: unknown, otherwise: string): string {
  return typeof value === "string" ? value : otherwise;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
