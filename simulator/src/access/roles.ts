interface PrivilegeGroup {
  readonly root?: readonly string[];
  readonly admin?: readonly string[];
  readonly user?: readonly string[];
  readonly audit?: readonly string[];
}

/** The privileges as PVE::AccessControl groups them: https://pve.proxmox.com/wiki/User_Management#pveum_permission_management */
const groups: Readonly<Record<string, PrivilegeGroup>> = {
  VM: {
    admin: [
      "VM.Config.Disk",
      "VM.Config.CPU",
      "VM.Config.Memory",
      "VM.Config.Network",
      "VM.Config.HWType",
      "VM.Config.Options",
      "VM.Allocate",
      "VM.Clone",
      "VM.GuestAgent.Unrestricted",
      "VM.Migrate",
      "VM.Replicate",
      "VM.Snapshot",
      "VM.Snapshot.Rollback",
    ],
    user: [
      "VM.Config.CDROM",
      "VM.Config.Cloudinit",
      "VM.Console",
      "VM.Backup",
      "VM.GuestAgent.FileRead",
      "VM.GuestAgent.FileSystemMgmt",
      "VM.GuestAgent.FileWrite",
      "VM.PowerMgmt",
    ],
    audit: ["VM.Audit", "VM.GuestAgent.Audit"],
  },
  Sys: {
    root: ["Sys.PowerMgmt", "Sys.Modify", "Sys.Incoming", "Sys.AccessNetwork"],
    admin: ["Sys.Console", "Sys.Syslog"],
    audit: ["Sys.Audit"],
  },
  Datastore: {
    admin: ["Datastore.Allocate", "Datastore.AllocateTemplate"],
    user: ["Datastore.AllocateSpace"],
    audit: ["Datastore.Audit"],
  },
  SDN: { admin: ["SDN.Allocate"], user: ["SDN.Use"], audit: ["SDN.Audit"] },
  User: { root: ["Realm.Allocate"], admin: ["User.Modify", "Group.Allocate", "Realm.AllocateUser"] },
  // Pool.Audit makes a role PVEPoolUser of its own.
  Pool: { admin: ["Pool.Allocate"], user: ["Pool.Audit"], audit: ["Pool.Audit"] },
  Mapping: { admin: ["Mapping.Modify"], user: ["Mapping.Use"], audit: ["Mapping.Audit"] },
};

const all = Object.values(groups).flatMap(({ root = [], ...group }) => [...root, ...administeredBy(group)]);

/** Every privilege, by name. */
export const privileges: readonly string[] = [...new Set([...all, "Permissions.Modify"])].sort();

/** The roles that Proxmox comes with. */
export const builtInRoles: Readonly<Record<string, readonly string[]>> = {
  Administrator: privileges,
  NoAccess: [],
  // Mapping.Modify gives access to the hardware of a node.
  PVEAdmin: Object.values(groups)
    .flatMap(administeredBy)
    .filter((privilege) => privilege !== "Mapping.Modify"),
  PVEAuditor: Object.values(groups).flatMap(({ audit = [] }) => audit),
  PVETemplateUser: ["VM.Audit", "VM.Clone"],
  ...Object.fromEntries(
    Object.entries(groups).flatMap(([name, { user = [], audit = [], ...group }]) => [
      [`PVE${name}Admin`, administeredBy({ ...group, user, audit })] as const,
      ...(user.length > 0 ? [[`PVE${name}User`, [...user, ...audit]] as const] : []),
    ]),
  ),
};

/** The privileges of a role; none where there is no such role. */
export function privilegesOfRole(custom: Readonly<Record<string, readonly string[]>>, role: string): readonly string[] {
  return [builtInRoles, custom].find((roles) => Object.hasOwn(roles, role))?.[role] ?? [];
}

function administeredBy({ admin = [], user = [], audit = [] }: PrivilegeGroup): string[] {
  return [...admin, ...user, ...audit];
}
