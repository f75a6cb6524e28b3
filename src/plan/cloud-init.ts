import { partName } from "./names.ts";
import { renderYaml } from "./render-yaml.ts";

/** The snippet that cloud-init reads in a machine. */
export interface UserDataPlan {
  /** Logical name. */
  readonly name: string;
  readonly storage: string;
  readonly fileName: string;
  readonly volumeId: string;
  readonly text: string;
}

/** Decides what cloud-init does at first boot: a user with keys, and the agent that Debian's cloud image lacks. */
export function planUserData(
  { name, vmid, sshKeys }: { readonly name: string; readonly vmid: number; readonly sshKeys: readonly string[] },
  user: string,
  storage: string,
): UserDataPlan {
  // With the VMID: a machine that is renamed keeps its file, and another one may get its name.
  const fileName = `${vmid}-${name}-user-data.yaml`;
  const settings = {
    hostname: name,
    manage_etc_hosts: true,
    users: [{ name: user, sudo: "ALL=(ALL) NOPASSWD:ALL", shell: "/bin/bash", ssh_authorized_keys: [...sshKeys] }],
    ssh_pwauth: false,
    disable_root: true,
    package_update: true,
    packages: ["qemu-guest-agent"],
    runcmd: [["systemctl", "enable", "--now", "qemu-guest-agent"]],
  };
  const text = `#cloud-config\n${renderYaml(settings)}`;
  return { name: partName(name, "user-data"), storage, fileName, volumeId: `${storage}:snippets/${fileName}`, text };
}
