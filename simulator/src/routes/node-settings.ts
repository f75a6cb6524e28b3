import { createHash } from "node:crypto";
import { ApiError, invalidParameters } from "../api-error.ts";
import type { Handlers, Returns } from "../handlers.ts";
import { splitList } from "../lists.ts";
import { checkDigest, digestOf, fromSection, toSection } from "../section-config.ts";
import type { NodeState } from "../state/node.ts";

/** Names, time, and the node's own configuration file. */
export const nodeSettingsHandlers: Handlers = {
  "GET /nodes/{node}/dns": ({ node }, { world }) => {
    const { search, servers } = world.node(node).dns;
    return { search, ...Object.fromEntries(servers.map((server, index) => [`dns${index + 1}`, server])) };
  },
  "PUT /nodes/{node}/dns": ({ node, search, dns1, dns2, dns3 }, { world }) => {
    const servers = [dns1, dns2, dns3].filter((server) => server !== undefined);
    world.node(node).dns = { search, servers: [...new Set(servers)] };
    return null;
  },
  "GET /nodes/{node}/hosts": ({ node }, { world }) => {
    const { hosts } = world.node(node);
    return { data: hosts, digest: sha1(hosts) };
  },
  "POST /nodes/{node}/hosts": ({ node: name, data, digest }, { world }) => {
    const node = world.node(name);
    if (digest !== undefined && digest !== sha1(node.hosts)) {
      throw new ApiError(500, "detected modified configuration - file changed by other user? Try again.");
    }
    node.hosts = data;
    return null;
  },
  "GET /nodes/{node}/time": ({ node }, { world }) => {
    const { timezone } = world.node(node);
    const time = world.seconds();
    return { timezone, time, localtime: time + offsetOf(timezone, world.clock.now()) };
  },
  "PUT /nodes/{node}/time": ({ node, timezone }, { world }) => {
    if (timezone !== "UTC" && !isTimezone(timezone)) throw invalidParameters({ timezone: "No such timezone" });
    world.node(node).timezone = timezone;
    return null;
  },
  "GET /nodes/{node}/config": ({ node, property }, { world }) => {
    const shown = showConfig(world.node(node));
    if (property === undefined) return shown;
    return shown[property] === undefined ? {} : { [property]: shown[property] };
  },
  "PUT /nodes/{node}/config": ({ node: name, delete: remove, digest, ...settings }, { world }) => {
    const node = world.node(name);
    checkDigest(node.config, digest);
    Object.assign(node.config, toSection(settings, ["node"]));
    for (const setting of splitList(remove)) Reflect.deleteProperty(node.config, setting);
    return null;
  },
};

/** A file that is not there has no digest either. */
function showConfig({ config }: NodeState): Returns<"GET /nodes/{node}/config"> {
  if (Object.keys(config).length === 0) return {};
  const { description, ...rest } = fromSection(config, "PUT /nodes/{node}/config");
  return {
    ...rest,
    // The file has it as a comment, line by line.
    ...(description === undefined || description === ""
      ? {}
      : { description: `${String(description).replace(/\n+$/, "")}\n` }),
    digest: digestOf(config),
  };
}

function sha1(text: string): string {
  return createHash("sha1").update(text).digest("hex");
}

function isTimezone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en-US", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

/** Seconds ahead of UTC. */
function offsetOf(timeZone: string, now: Date): number {
  const parts = new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" }).formatToParts(now);
  const text = parts.find(({ type }) => type === "timeZoneName")?.value ?? "GMT";
  const [, sign = "+", hours = "0", minutes = "0"] = /^GMT(?:([+-])(\d{2}):(\d{2}))?$/.exec(text) ?? [];
  return (sign === "-" ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60);
}
