/** Who reads the bucket for Grafana: a user of InfluxDB's compatibility with version 1, whose password we may choose. */
export const influxReader = {
  user: "grafana",
  password: {
    secret: "influxdbReaderPassword",
    reason: "Grafana reads InfluxDB's measurements with it.",
    generated: true,
  },
} as const;
