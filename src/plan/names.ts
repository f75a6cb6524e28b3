/** Every logical name that Pulumi knows a resource by is made here; renaming one replaces what it names. */

/** The name of something of which each node has its own: `pve-01-fast`. */
export function nodeScopedName(node: string, key: string): string {
  return `${node}-${key}`;
}

/** The name of something that is made once per node from one entry: `daily-pve-01`. */
export function perNodeName(key: string, node: string): string {
  return `${key}-${node}`;
}

/** The name of a further resource that belongs to a guest: `traefik-dmz-firewall`. */
export function partName(owner: string, part: string): string {
  return `${owner}-${part}`;
}
