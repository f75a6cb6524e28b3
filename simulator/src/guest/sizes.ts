const units = ["", "K", "M", "G", "T"];

/** Reads `8G` as bytes; a number alone is bytes, too. */
export function parseSize(text: string): number {
  const [, number = "0", unit = ""] = /^(\d+(?:\.\d+)?)([KMGT]?)$/.exec(text) ?? [];
  return Math.round(Number(number) * 1024 ** units.indexOf(unit));
}

/** Writes bytes as Proxmox does in configurations: the largest unit that divides them. */
export function printSize(bytes: number): string {
  for (let power = 4; power > 0; power--) {
    if (bytes > 0 && bytes % 1024 ** power === 0) return `${bytes / 1024 ** power}${units[power] ?? ""}`;
  }
  return String(bytes);
}
