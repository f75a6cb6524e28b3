import { isIP } from "node:net";
import { parsePropertyString } from "../property-string.ts";

/** The named formats of pve-network, in its words. */
export const sdnFormatChecks: Readonly<Record<string, (text: string) => string | undefined>> = {
  "pve-sdn-dhcp-range": (text) => {
    const values = parsePropertyString(
      { "start-address": { type: "string" }, "end-address": { type: "string" } },
      text,
    );
    if (typeof values === "string") return values;
    const problems = ["start-address", "end-address"].flatMap((name) => {
      const address = values[name];
      if (address === undefined) return [`${name}: property is missing and it is not optional`];
      return isIP(address) === 0 ? [`${name}: value does not look like a valid IP address`] : [];
    });
    return problems.length === 0 ? undefined : `format error\n${problems.join("\n")}\n`;
  },
  "pve-sdn-subnet-id": (text) => {
    const [, network = "", mask = ""] = /^(.+)\/(\d+)$/.exec(text) ?? /^[^-]+-(.+)-(\d+)$/.exec(text) ?? [];
    const version = isIP(network);
    const isNetwork = version > 0 && Number(mask) >= 1 && Number(mask) <= (version === 4 ? 32 : 128);
    return isNetwork ? undefined : "value does not look like a valid CIDR network";
  },
};
