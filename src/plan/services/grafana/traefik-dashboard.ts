import type { DashboardJson } from "./dashboard-json.ts";
import { labelVariable, layOut } from "./lay-out.ts";
import { promQuery, stat, timeSeries } from "./panels.ts";

const chosen = 'instance=~"$instance"';

/** What goes through the reverse proxies, and what does not get through. */
export function renderTraefikDashboard(): DashboardJson {
  const quantile = (share: number) =>
    `histogram_quantile(${share}, sum by (le, service) (rate(traefik_service_request_duration_seconds_bucket{${chosen}}[$__rate_interval])))`;
  return layOut({
    uid: "homelab-traefik",
    title: "Traefik",
    description: "What goes through the reverse proxies, and what does not get through.",
    from: "now-6h",
    variables: [labelVariable("instance", "Traefik", "traefik_config_reloads_total", "instance")],
    rows: [
      {
        title: "Now",
        panels: [
          stat({
            title: "Requests that failed",
            unit: "percentunit",
            width: 6,
            limits: [
              [0.01, "orange"],
              [0.05, "red"],
            ],
            queries: [
              promQuery(
                `(sum(rate(traefik_service_requests_total{${chosen}, code=~"5.."}[$__rate_interval])) or vector(0)) / sum(rate(traefik_service_requests_total{${chosen}}[$__rate_interval]))`,
              ),
            ],
          }),
          stat({
            title: "Servers down",
            unit: "none",
            width: 6,
            limits: [[1, "red"]],
            queries: [promQuery(`count(traefik_service_server_up{${chosen}} == 0) or vector(0)`)],
          }),
          stat({
            title: "Open connections",
            unit: "none",
            width: 6,
            queries: [promQuery(`sum(traefik_open_connections{${chosen}})`)],
          }),
          stat({
            title: "First certificate expires in",
            unit: "s",
            width: 6,
            queries: [promQuery(`min(traefik_tls_certs_not_after{${chosen}} - time())`)],
          }),
        ],
      },
      {
        title: "Services",
        panels: [
          timeSeries({
            title: "Requests",
            unit: "reqps",
            queries: [
              promQuery(
                `sum by (service) (rate(traefik_service_requests_total{${chosen}}[$__rate_interval]))`,
                "{{service}}",
              ),
            ],
          }),
          timeSeries({
            title: "Answers by status",
            unit: "reqps",
            queries: [
              promQuery(
                `sum by (code) (rate(traefik_service_requests_total{${chosen}}[$__rate_interval]))`,
                "{{code}}",
              ),
            ],
          }),
          timeSeries({
            title: "How long half of them take at most",
            unit: "s",
            queries: [promQuery(quantile(0.5), "{{service}}")],
          }),
          timeSeries({
            title: "How long 95 % of them take at most",
            unit: "s",
            queries: [promQuery(quantile(0.95), "{{service}}")],
          }),
        ],
      },
    ],
  });
}
