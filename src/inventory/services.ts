import { z } from "zod";
import { GitLab } from "./services/gitlab.ts";
import { Grafana } from "./services/grafana.ts";
import { InfluxDb } from "./services/influxdb.ts";
import { Prometheus } from "./services/prometheus.ts";
import { System } from "./services/system.ts";
import { Traefik } from "./services/traefik.ts";

/** services.yaml: how the software in guests is set up; what is left out is not set up at all. */
export const Services = z.strictObject({
  domain: z
    .string()
    .regex(/^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/, {
      error: "This is not a domain. | Write one that is yours, such as home.example.net; home.arpa is nobody's.",
    })
    .default("home.arpa")
    .describe("Below it each service has a name: grafana.home.arpa."),
  system: System.optional(),
  prometheus: Prometheus.optional(),
  grafana: Grafana.optional(),
  influxdb: InfluxDb.optional(),
  traefik: Traefik.optional(),
  gitlab: GitLab.optional(),
});
