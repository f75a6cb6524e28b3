import { isIPv4 } from "node:net";

/** First and last address and prefix length of an IPv4 network, as numbers. */
export interface Ipv4Range {
  readonly first: number;
  readonly last: number;
  readonly prefix: number;
}

/** Reads `10.20.0.0/24`; undefined where it is no network or has host bits set. */
export function parseIpv4Network(text: string): Ipv4Range | undefined {
  const match = /^([0-9.]+)\/(\d{1,2})$/.exec(text);
  const [address, prefix] = [match?.[1] ?? "", Number(match?.[2])];
  if (!isIPv4(address) || prefix > 32) return undefined;
  const first = parseIpv4(address);
  const size = 2 ** (32 - prefix);
  return first % size === 0 ? { first, last: first + size - 1, prefix } : undefined;
}

/** Reads the dotted form of an address that is known to be one. */
export function parseIpv4(address: string): number {
  return address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
}
