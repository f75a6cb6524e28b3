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
      "VM.Migrate",
      "VM.Replicate",
      "VM.Snapshot",
      "VM.Snapshot.Rollback",
      "VM.GuestAgent.FileRead",
      "VM.GuestAgent.FileWrite",
      "VM.GuestAgent.FileSystemMgmt",
      "VM.GuestAgent.Unrestricted",
    ],
    user: ["VM.Config.CDROM", "VM.Config.Cloudinit", "VM.Console", "VM.Backup", "VM.PowerMgmt"],
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
  Pool: { admin: ["Pool.Allocate"], audit: ["Pool.Audit"] },
  Mapping: { admin: ["Mapping.Modify"], user: ["Mapping.Use"], audit: ["Mapping.Audit"] },
};

const all = Object.values(groups).flatMap(({ root = [], admin = [], user = [], audit = [] }) => [
  ...root,
  ...admin,
  ...user,
  ...audit,
]);

/** Every privilege, by name. */
export const privileges: readonly string[] = [...all, "Permissions.Modify"].sort();

/** The roles that Proxmox comes with. */
export const builtInRoles: Readonly<Record<string, readonly string[]>> = {
  Administrator: privileges,
  NoAccess: [],
  PVEAdmin: adminPrivileges().filter((privilege) => privilege !== "Mapping.Modify"),
  PVEAuditor: Object.values(groups).flatMap(({ audit = [] }) => audit),
  PVETemplateUser: ["VM.Audit", "VM.Clone"],
  ...Object.fromEntries(
    Object.entries(groups).flatMap(([name, { admin = [], user = [], audit = [] }]) => [
      [`PVE${name}Admin`, [...admin, ...user, ...audit]] as const,
      ...(user.length > 0 ? [[`PVE${name}User`, [...user, ...audit]] as const] : []),
    ]),
  ),
};

function adminPrivileges(): string[] {
  return Object.values(groups).flatMap(({ admin = [], user = [], audit = [] }) => [...admin, ...user, ...audit]);
}
