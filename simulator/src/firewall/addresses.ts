import { isIPv4, isIPv6 } from "node:net";

/** What an address turns out to be, or what Perl's Net::IP finds wrong with it. */
export type Address = { readonly version: 4 | 6 } | { readonly problem: string };

/** Reads an address, a network or a range as Net::IP does: the bits behind a network's prefix have to be zero. */
export function readAddress(text: string): Address {
  const [, network, prefix] = /^(\S+?)\/(\d+)$/.exec(text) ?? [];
  if (network !== undefined && prefix !== undefined) return readNetwork(network, Number(prefix));
  const [, first, last] = /^(.+?)\s*-\s*(.+)$/.exec(text) ?? [];
  if (first !== undefined && last !== undefined) {
    const [begin, end] = [readSingle(first), readSingle(last)];
    if ("problem" in begin || "problem" in end) return "problem" in begin ? begin : end;
    if (toBits(first) > toBits(last))
      return { problem: `Begin address is greater than End address ${first} - ${last}` };
    return begin;
  }
  return readSingle(text);
}

/** The addresses of a rule's source or dest: one, a range, or a list of one IP version. */
export function readAddressList(text: string): { readonly version?: 4 | 6 } | { readonly problem: string } {
  if (/^\+\S+$/.test(text)) return text.length > 65 ? { problem: "ipset name too long" } : {};
  if (/^(?:dc\/|guest\/)?[A-Za-z][A-Za-z0-9\-_]+$/.test(text))
    return text.length > 64 ? { problem: "alias name too long" } : {};
  if (text === "") return {};
  const items = text.split(",");
  if (items.at(-1) === "") return { problem: "extraneous commas in list" };
  let version: 4 | 6 | undefined;
  for (const item of items) {
    const address = readAddress(item);
    if ("problem" in address) return { problem: `invalid IP address: ${address.problem}` };
    if (version !== undefined && version !== address.version)
      return { problem: `detected mixed ipv4/ipv6 addresses in address list '${text}'` };
    version = address.version;
  }
  if (items.length > 1 && items.some((item) => item.includes("-"))) {
    return { problem: "you can't use a range in a list" };
  }
  return version === undefined ? {} : { version };
}

/** Says what is wrong with an address that may have a prefix, whatever bits are behind that. */
export function ipOrCidrProblem(text: string): string | undefined {
  const [, address = "", prefix] = /^([^/]+)(?:\/(\d+))?$/.exec(text) ?? [];
  if (!isIPv4(address) && !isIPv6(address)) return "value does not look like a valid IP address or CIDR network";
  const length = isIPv4(address) ? 32 : 128;
  if (prefix === undefined || Number(prefix) <= length) return undefined;
  return `Prefix length ${Number(prefix)} is longer than IP address (${toBits(address)})`;
}

/** Writes an address as firewall files have it: no bits behind the prefix where `clean`, and no prefix of all bits. */
export function normalizeCidr(text: string, clean: boolean): string {
  const [address = "", prefix] = text.split("/");
  if (prefix === undefined) return text;
  const bits = toBits(address);
  if (Number(prefix) === bits.length) return address;
  if (!clean) return text;
  return `${fromBits(bits.slice(0, Number(prefix)).padEnd(bits.length, "0"))}/${prefix}`;
}

/** An address as its bits, most significant first; addresses of one version compare as these texts do. */
export function toBits(address: string): string {
  if (isIPv4(address)) return address.split(".").map(byteBits).join("");
  const [head = "", tail] = withHexadecimalTail(address).split("::");
  const groups = (text: string) => (text === "" ? [] : text.split(":"));
  const [first, last] = [groups(head), groups(tail ?? "")];
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - first.length - last.length }, () => "0");
  return [...first, ...zeros, ...last].map((group) => parseInt(group, 16).toString(2).padStart(16, "0")).join("");
}

function fromBits(bits: string): string {
  const size = bits.length === 32 ? 8 : 16;
  const numbers = (bits.match(new RegExp(`.{${size}}`, "g")) ?? []).map((part) => parseInt(part, 2));
  if (size === 8) return numbers.join(".");
  // The URL parser writes IPv6 addresses in their shortest form.
  const { hostname } = new URL(`http://[${numbers.map((number) => number.toString(16)).join(":")}]`);
  return hostname.slice(1, -1);
}

/** `::ffff:192.0.2.1` → `::ffff:c000:201` */
function withHexadecimalTail(address: string): string {
  return address.replace(/\d+\.\d+\.\d+\.\d+$/, (tail) => {
    const bits = toBits(tail);
    return [bits.slice(0, 16), bits.slice(16)].map((half) => parseInt(half, 2).toString(16)).join(":");
  });
}

function byteBits(text: string): string {
  return Number(text).toString(2).padStart(8, "0");
}

function readNetwork(address: string, prefix: number): Address {
  const single = readSingle(address);
  if ("problem" in single) return single;
  const bits = toBits(address);
  if (prefix > bits.length) return { problem: `Prefix length ${prefix} is longer than IP address (${bits})` };
  if (bits.slice(prefix).includes("1")) return { problem: `Invalid prefix ${bits}/${prefix}` };
  return single;
}

function readSingle(text: string): Address {
  if (isIPv4(text)) return { version: 4 };
  if (isIPv6(text)) return { version: 6 };
  if (text.includes(":")) return { problem: `Invalid IP address ${text}` };
  if (!/^[\d.]+$/.test(text)) return { problem: `Invalid chars in IP ${text}` };
  if (text.startsWith(".")) return { problem: `Invalid IP ${text} - starts with a dot` };
  if (text.endsWith(".")) return { problem: `Invalid IP ${text} - ends with a dot` };
  const quads = text.split(".");
  const wrong = quads.find((quad) => Number(quad) > 255);
  if (quads.length <= 4 && wrong !== undefined) return { problem: `Invalid quad in IP address ${text} - ${wrong}` };
  return { problem: `Invalid IP address ${text}` };
}
