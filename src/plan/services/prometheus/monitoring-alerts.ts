import type { AlertRule } from "./alert-rules.ts";

/** What watches the rest: where it is blind, no other alert says anything. */
export const monitoringAlerts: readonly AlertRule[] = [
  {
    alert: "ExporterDown",
    expr: `up{kind!="node"} == 0`,
    for: "10m",
    labels: { severity: "warning" },
    annotations: {
      summary: "{{ $labels.instance }} does not answer the job {{ $labels.job }}.",
      action: "Look whether the service runs, and whether a firewall stands between.",
    },
  },
  {
    alert: "MetricsStale",
    expr: `time() - node_textfile_mtime_seconds{kind="node"} > 10800`,
    labels: { severity: "warning" },
    annotations: {
      summary: "{{ $labels.file }} on {{ $labels.instance }} was not written for {{ $value | humanizeDuration }}.",
      action: "Read why: journalctl -u homelab-metrics",
    },
  },
  {
    alert: "MetricsUnreadable",
    expr: "node_textfile_scrape_error == 1",
    for: "5m",
    labels: { severity: "warning" },
    annotations: {
      summary: "The exporter on {{ $labels.instance }} cannot read what is written for it.",
      action: "Read why: journalctl -u prometheus-node-exporter",
    },
  },
  {
    alert: "PrometheusConfigurationRefused",
    expr: "prometheus_config_last_reload_successful == 0",
    for: "5m",
    labels: { severity: "critical" },
    annotations: {
      summary: "{{ $labels.instance }} goes on with an old configuration.",
      action: "Read why: journalctl -u prometheus",
    },
  },
  {
    alert: "RulesFail",
    expr: "increase(prometheus_rule_evaluation_failures_total[15m]) > 0",
    labels: { severity: "critical" },
    annotations: {
      summary: "{{ $labels.instance }} cannot evaluate rules of {{ $labels.rule_group }}.",
      action: "Read why: journalctl -u prometheus",
    },
  },
];
