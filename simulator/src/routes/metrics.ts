import { ApiError } from "../api-error.ts";
import type { Handlers } from "../handlers.ts";
import {
  addSection,
  findSection,
  sectionsOf,
  showSection,
  updateSection,
  type SectionFormat,
} from "../section-file.ts";
import type { World } from "../world.ts";
import { exportMetrics } from "./metrics-export.ts";

/** /etc/pve/status.cfg */
const format: SectionFormat = {
  file: "metricServers",
  endpoint: "POST /cluster/metrics/server/{id}",
  types: {
    graphite: {
      server: "required",
      port: "required",
      mtu: "optional",
      path: "optional",
      timeout: "optional",
      proto: "optional",
      disable: "optional",
    },
    influxdb: {
      server: "required",
      port: "required",
      mtu: "optional",
      disable: "optional",
      organization: "optional",
      bucket: "optional",
      token: "optional",
      influxdbproto: "optional",
      timeout: "optional",
      "max-body-size": "optional",
      "api-path-prefix": "optional",
      "verify-certificate": "optional",
    },
    opentelemetry: {
      server: "required",
      port: "required",
      disable: "optional",
      "otel-compression": "optional",
      "otel-headers": "optional",
      "otel-max-body-size": "optional",
      "otel-path": "optional",
      "otel-protocol": "optional",
      "otel-resource-attributes": "optional",
      "otel-timeout": "optional",
      "otel-verify-ssl": "optional",
    },
  },
};

/** Where the cluster sends its metrics, and what they are now. */
export const metricsHandlers: Handlers = {
  "GET /cluster/metrics/server": (_parameters, { world }) =>
    Object.keys(sectionsOf(world, format))
      .sort()
      .map((id) => {
        const { type = "", server = "", port, disable } = describeServer(world, id);
        return { id, type: String(type), server: String(server), port: Number(port), disable: disable === 1 ? 1 : 0 };
      }),
  "GET /cluster/metrics/server/{id}": ({ id }, { world }) => describeServer(world, id),
  "POST /cluster/metrics/server/{id}": ({ id, type, ...values }, { world }) => {
    if (sectionsOf(world, format)[id] !== undefined) throw new ApiError(500, `Metric server '${id}' already exists`);
    addSection(world, format, id, type, values);
    keepToken(world, id);
    return null;
  },
  "PUT /cluster/metrics/server/{id}": ({ id, delete: remove, digest, ...values }, { world }) => {
    updateSection(world, format, id, { delete: remove, digest, values }, `no such server '${id}'`);
    if ((remove ?? "").split(/[,;\s]+/).includes("token")) forgetToken(world, id);
    keepToken(world, id);
    return null;
  },
  "DELETE /cluster/metrics/server/{id}": ({ id }, { world }) => {
    Reflect.deleteProperty(sectionsOf(world, format), id);
    forgetToken(world, id);
    return null;
  },
  "GET /cluster/metrics/export": exportMetrics,
};

function describeServer(world: World, id: string): Record<string, unknown> {
  return showSection(format, findSection(world, format, id, `status server entry '${id}' does not exist`));
}

/** A token is written to a file of its own, and is never returned. */
function keepToken(world: World, id: string): void {
  const section = sectionsOf(world, format)[id];
  if (section?.["token"] === undefined) return;
  ((world.state.secrets ??= {}).metricServers ??= {})[id] = { token: section["token"] };
  delete section["token"];
}

function forgetToken({ state }: World, id: string): void {
  if (state.secrets?.metricServers !== undefined) Reflect.deleteProperty(state.secrets.metricServers, id);
}
