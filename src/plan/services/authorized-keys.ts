import type { Inventory } from "../../inventory/inventory.ts";
import type { NamedGuest } from "../named-guests.ts";
import { partName } from "../names.ts";
import { sshKeysOf } from "../ssh-keys.ts";
import type { FilePlan, StepPlan } from "../steps.ts";

/** Decides who may log in to a guest: root of a container, the user of a machine, with the keys of the inventory only. */
export function planAuthorizedKeys({ name, guest }: NamedGuest, inventory: Inventory): StepPlan {
  const user = "user" in guest ? guest.user : "root";
  const isRoot = user === "root";
  const home = isRoot ? "/root" : `/home/${user}`;
  // `ops:` is the user's login group, whatever its name.
  const owner = isRoot ? "root:root" : `${user}:`;
  const folder = `${home}/.ssh`;
  const path = `${folder}/authorized_keys`;
  const text = sshKeysOf(inventory).map((key) => `${key}\n`);
  return {
    name: partName(name, "ssh-keys"),
    // The file of a former user is no longer among them, so that it is removed when this one is in place.
    files: [{ path, mode: "0600", owner, text: [text.join("")] }, ...(isRoot ? [] : [sudoersFile(user)])],
    ...(isRoot ? {} : { prepare: createUser(user, home) }),
    check: nameRemovedKeys(path),
    // OpenSSH reads the second file too.
    activate: `chown ${owner} ${folder}\nchmod 0700 ${folder}\nrm -f ${path}2`,
    verify: `${isRoot ? "" : `${homeTest(user, home)}\n`}[ "$(stat -c '%a %U' ${folder} 2>/dev/null)" = '700 ${user}' ] || { echo '${folder} is not a folder that only ${user} can read.' >&2; exit 1; }
[ ! -e ${path}2 ] || { echo '${path}2 has further keys.' >&2; exit 1; }`,
  };
}

/** As cloud-init writes it for a user with all rights. */
function sudoersFile(user: string): FilePlan {
  return {
    path: "/etc/sudoers.d/90-homelab",
    mode: "0440",
    owner: "root:root",
    text: [`${user} ALL=(ALL) NOPASSWD:ALL\n`],
  };
}

/** Without a password, as cloud-init does; a user that exists keeps everything. */
function createUser(user: string, home: string): string {
  return `if ! getent passwd ${user} >/dev/null; then
  group=--user-group
  if getent group ${user} >/dev/null; then group=--gid=${user}; fi
  useradd --create-home --shell /bin/bash "$group" ${user}
  chown ${user}: ${home}
fi
${homeTest(user, home)}`;
}

/** Keys in another folder than the user's own would open nothing. */
function homeTest(user: string, home: string): string {
  return `home=$(getent passwd ${user} | cut -d: -f6)
if [ "$home" != ${home} ]; then
  echo "The home folder of ${user} is \${home:-unknown}, not ${home}. Choose another user in machines.yaml." >&2
  exit 1
fi`;
}

/** Refuses nothing; names the keys that will no longer open the guest, in one line. A changed comment is the same key. */
function nameRemovedKeys(path: string): string {
  return `if [ -f ${path} ]; then
  removed=$(tr -cd ' -~\\n' <${path} | grep -o 'AAAA.*' | while read -r key comment; do
    grep -qF -e "$key" "$STAGED${path}" || printf ', %s' "\${comment:-one without a comment}"
  done)
  [ -z "$removed" ] || echo "Keys removed from ${path}: \${removed#, }." >&2
fi`;
}
