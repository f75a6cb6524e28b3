import type { Shape } from "../go-yaml.ts";

const duration: Shape = {
  text: (value) =>
    /^(?:0|(?=\d)(?:\d+y)?(?:\d+w)?(?:\d+d)?(?:\d+h)?(?:\d+m)?(?:\d+s)?(?:\d+ms)?)$/.test(value)
      ? undefined
      : `not a valid duration string: "${value}"`,
};
const strings: Shape = { list: "string", type: "[]string" };
const labels: Shape = { map: "string", type: "map[string]string" };
const listOfAny: Shape = { list: "any", type: "[]interface {}" };

const relabelActions = [
  ...["replace", "keep", "drop", "keepequal", "dropequal", "hashmod"],
  ...["labelmap", "labeldrop", "labelkeep", "lowercase", "uppercase"],
];

const tlsConfig: Shape = {
  struct: "config.plain",
  fields: {
    ...{ ca: "string", ca_file: "string", cert: "string", cert_file: "string", key: "string", key_file: "string" },
    ...{ server_name: "string", insecure_skip_verify: "bool", min_version: "string", max_version: "string" },
  },
};

const httpClient: Readonly<Record<string, Shape>> = {
  authorization: "any",
  basic_auth: "any",
  bearer_token: "string",
  bearer_token_file: "string",
  enable_http2: "bool",
  follow_redirects: "bool",
  no_proxy: "string",
  oauth2: "any",
  proxy_connect_header: "any",
  proxy_from_environment: "bool",
  proxy_url: "string",
  tls_config: tlsConfig,
};

const relabelConfigs: Shape = {
  type: "[]*relabel.Config",
  list: {
    struct: "relabel.plain",
    fields: {
      action: {
        text: (value) =>
          relabelActions.includes(value.toLowerCase()) ? undefined : `unknown relabel action "${value}"`,
      },
      modulus: "int",
      regex: "string",
      replacement: "string",
      separator: "string",
      source_labels: strings,
      target_label: "string",
    },
  },
};

const staticConfigs: Shape = {
  type: "discovery.StaticConfig",
  list: {
    struct: 'struct { Targets []string "yaml:\\"targets\\""; Labels model.LabelSet "yaml:\\"labels\\"" }',
    fields: { labels, targets: strings },
  },
};

const limits: Readonly<Record<string, Shape>> = {
  body_size_limit: "string",
  keep_dropped_targets: "int",
  label_limit: "int",
  label_name_length_limit: "int",
  label_value_length_limit: "int",
  sample_limit: "int",
  scrape_protocols: strings,
  target_limit: "int",
};

const discoveries = [
  ...[
    "azure",
    "consul",
    "digitalocean",
    "dns",
    "docker",
    "dockerswarm",
    "ec2",
    "eureka",
    "file",
    "gce",
    "hetzner",
    "http",
  ],
  ...[
    "ionos",
    "kubernetes",
    "kuma",
    "lightsail",
    "linode",
    "marathon",
    "nerve",
    "nomad",
    "openstack",
    "ovhcloud",
    "puppetdb",
  ],
  ...["scaleway", "serverset", "triton", "uyuni", "vultr"],
];

/** prometheus.yml of Prometheus 2.53. */
export const configurationShape: Shape = {
  struct: "config.plain",
  fields: {
    alerting: "any",
    global: {
      struct: "config.plain",
      fields: {
        ...limits,
        evaluation_interval: duration,
        external_labels: labels,
        query_log_file: "string",
        scrape_interval: duration,
        scrape_timeout: duration,
      },
    },
    remote_read: listOfAny,
    remote_write: listOfAny,
    rule_files: strings,
    scrape_config_files: strings,
    scrape_configs: {
      type: "[]*config.ScrapeConfig",
      list: {
        struct: "config.ScrapeConfig",
        fields: {
          ...limits,
          ...httpClient,
          ...Object.fromEntries(discoveries.map((name) => [`${name}_sd_configs`, listOfAny])),
          enable_compression: "bool",
          honor_labels: "bool",
          honor_timestamps: "bool",
          job_name: "string",
          metric_relabel_configs: relabelConfigs,
          metrics_path: "string",
          native_histogram_bucket_limit: "int",
          native_histogram_min_bucket_factor: "any",
          params: { map: strings, type: "url.Values" },
          relabel_configs: relabelConfigs,
          scheme: "string",
          scrape_classic_histograms: "bool",
          scrape_interval: duration,
          scrape_timeout: duration,
          static_configs: staticConfigs,
          track_timestamps_staleness: "bool",
        },
      },
    },
    storage: "any",
    tracing: "any",
  },
};

/** A file of rules. */
export const rulesShape: Shape = {
  struct: "rulefmt.RuleGroups",
  fields: {
    groups: {
      type: "[]rulefmt.RuleGroup",
      list: {
        struct: "rulefmt.RuleGroup",
        fields: {
          interval: duration,
          limit: "int",
          name: "string",
          query_offset: duration,
          rules: {
            type: "[]rulefmt.RuleNode",
            list: {
              struct: "rulefmt.RuleNode",
              fields: {
                ...{ alert: "string", expr: "string", for: duration, keep_firing_for: duration, record: "string" },
                ...{ annotations: labels, labels },
              },
            },
          },
        },
      },
    },
  },
};

const probe: Readonly<Record<string, Shape>> = {
  ip_protocol_fallback: "bool",
  preferred_ip_protocol: "string",
  source_ip_address: "string",
};
const goDuration: Shape = {
  text: (value) =>
    /^(?:0|(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+)$/.test(value)
      ? undefined
      : `yaml: unmarshal errors:\n  cannot unmarshal !!str \`${value}\` into time.Duration`,
};

/** The modules of blackbox exporter 0.26. */
export const probeModulesShape: Shape = {
  struct: "config.plain",
  fields: {
    modules: {
      type: "map[string]config.Module",
      map: {
        struct: "config.plain",
        fields: {
          dns: "any",
          grpc: { struct: "config.plain", fields: { ...probe, service: "string", tls: "bool", tls_config: tlsConfig } },
          http: "any",
          icmp: {
            struct: "config.plain",
            fields: { ...probe, dont_fragment: "bool", payload_size: "int", ttl: "int" },
          },
          prober: "string",
          tcp: {
            struct: "config.plain",
            fields: { ...probe, query_response: "any", tls: "bool", tls_config: tlsConfig },
          },
          timeout: goDuration,
        },
      },
    },
  },
};
