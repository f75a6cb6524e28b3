/** Checks of a container's named formats, in Proxmox's words. */
export const lxcFormatChecks: Readonly<Record<string, (value: string) => string | undefined>> = {
  "pve-ct-timezone": (value) => (value === "host" || isTimezone(value) ? undefined : `invalid time zone '${value}'`),
  "pve-lxc-dev-string": (value) =>
    value.startsWith("/dev/") && !/\/\.\.?(?:\/|$)/.test(value) ? undefined : `${value} is not a valid device path`,
  "pve-lxc-mp-string": (value) =>
    /\/\.\.?(?:\/|$)|^\.\.\//.test(value) ? `${value} contains illegal character sequences` : undefined,
};

function isTimezone(name: string): boolean {
  try {
    // Offsets such as +01:00 are no names.
    return /^[A-Za-z]/.test(name) && new Intl.DateTimeFormat("en-US", { timeZone: name }).format(0) !== "";
  } catch {
    return false;
  }
}
