const usual = [
  ...["/", "/bin", "/boot", "/dev", "/etc", "/home", "/lib", "/mnt", "/opt", "/run", "/sbin", "/srv", "/usr", "/var"],
  ...["/etc/apt", "/etc/apt/apt.conf.d", "/etc/apt/keyrings", "/etc/apt/preferences.d", "/etc/apt/sources.list.d"],
  ...["/etc/cron.d", "/etc/default", "/etc/modprobe.d", "/etc/modules-load.d", "/etc/network", "/etc/profile.d"],
  ...["/etc/network/interfaces.d", "/etc/ssh", "/etc/ssh/sshd_config.d", "/etc/sudoers.d", "/etc/sysctl.d"],
  ...["/etc/systemd", "/etc/systemd/system", "/etc/udev", "/etc/udev/rules.d", "/run/lock", "/usr/bin", "/usr/lib"],
  ...["/usr/local", "/usr/local/bin", "/usr/local/etc", "/usr/local/lib", "/usr/local/sbin", "/usr/local/share"],
  ...["/usr/sbin", "/usr/share", "/usr/share/keyrings", "/var/cache", "/var/lib", "/var/log", "/var/spool", "/var/www"],
];

/** What every Debian has, with permission bits. */
export const systemFolders: ReadonlyMap<string, number> = new Map([
  ...usual.map((folder) => [folder, 0o755] as const),
  ["/root", 0o700],
  ["/root/.ssh", 0o700],
  ["/tmp", 0o1777],
  ["/var/tmp", 0o1777],
]);
