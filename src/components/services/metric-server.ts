import { Server } from "@muhlba91/pulumi-proxmoxve/metrics/server.js";
import type { ComponentResourceOptions, Output } from "@pulumi/pulumi";
import type { MetricServerPlan } from "../../plan/metric-server.ts";
import { HomelabComponent } from "../component.ts";

/** What a metric server is built from. */
export interface MetricServerArgs {
  readonly plan: MetricServerPlan;
  /** Lets nodes write; known once InfluxDB answers, which Proxmox VE tries before it takes it. */
  readonly token: Output<string>;
}

/** Where all nodes of the cluster write what they measure. */
export class MetricServer extends HomelabComponent {
  constructor(name: string, { plan, token }: MetricServerArgs, options: ComponentResourceOptions) {
    super("services:MetricServer", name, options);
    const server = new Server(
      name,
      {
        name: plan.name,
        type: "influxdb",
        server: plan.server,
        port: plan.port,
        influxDbProto: "http",
        influxOrganization: plan.organization,
        influxBucket: plan.bucket,
        influxToken: token,
      },
      { parent: this },
    );
    this.registerOutputs({ server: server.server, port: server.port });
  }
}
