/** What is mounted where, by a unit of systemd. */
export interface MountPlan {
  readonly description: string;
  /** A device by its stable path, or an export: `10.10.0.20:/volume1/gitlab`. */
  readonly what: string;
  readonly where: string;
  readonly type: string;
  readonly options: string;
  /** Further lines of the unit's first section. */
  readonly unit?: readonly string[];
}

/** The name that systemd asks of the unit of a mount, as `systemd-escape --path --suffix=mount` makes it. */
export function mountUnitName(path: string): string {
  return `${escapePath(path)}.mount`;
}

/** A path as an instance of a unit names it. */
export function escapePath(path: string): string {
  return path
    .replaceAll(/^\/+|\/+$/g, "")
    .replaceAll(/[^A-Za-z0-9:_./]|^\./g, (character) =>
      Array.from(Buffer.from(character), (byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join(""),
    )
    .replaceAll("/", "-");
}

/** The text of the unit. */
export function renderMountUnit({ description, what, where, type, options, unit = [] }: MountPlan): string {
  return `[Unit]
Description=${description}
${unit.map((line) => `${line}\n`).join("")}
[Mount]
What=${what}
Where=${where}
Type=${type}
Options=${options}

[Install]
WantedBy=multi-user.target
`;
}
