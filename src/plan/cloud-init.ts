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

/**
 * Decides what cloud-init does at first boot: it installs the agent that Debian's cloud image lacks. It has neither the user nor
 * the keys, which a step writes. Proxmox VE derives the instance ID from this text and the network: after a change of either,
 * cloud-init runs again at the next start. A new text would give the machine other SSH host keys, and an old text would
 * bring back removed keys.
 */
export function planUserData(
  { name, vmid }: { readonly name: string; readonly vmid: number },
  storage: string,
): UserDataPlan {
  // With the VMID: a machine that is renamed keeps its file, and another one may get its name.
  const fileName = `${vmid}-${name}-user-data.yaml`;
  const settings = {
    hostname: name,
    manage_etc_hosts: true,
    // Nobody, and not the image's own user either: cloud-init before 23.2 warns of an empty list.
    users: [""],
    ssh_pwauth: false,
    disable_root: true,
    package_update: true,
    packages: ["qemu-guest-agent"],
    runcmd: [["systemctl", "enable", "--now", "qemu-guest-agent"]],
  };
  const text = `#cloud-config\n${renderYaml(settings)}`;
  return { name: partName(name, "user-data"), storage, fileName, volumeId: `${storage}:snippets/${fileName}`, text };
}
