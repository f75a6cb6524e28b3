import { ComponentResource, type Output } from "@pulumi/pulumi";
import { Provider } from "@muhlba91/pulumi-proxmoxve/provider.js";
import type { HomelabPlan } from "../plan/plan.ts";
import type { Settings } from "../settings.ts";
import { Container } from "./guest/container.ts";

/** What the homelab is built from. */
export interface HomelabArgs {
  readonly plan: HomelabPlan;
  readonly settings: Settings;
}

/** What a stack tells about one guest. */
export interface GuestOutput {
  readonly vmid: Output<number>;
  readonly node: string;
  readonly address: string;
}

/** The root of all resources, and the only place that wires siblings together. */
export class Homelab extends ComponentResource {
  readonly guests: Readonly<Record<string, GuestOutput>>;

  constructor(name: string, { plan, settings }: HomelabArgs) {
    super("homelab:index:Homelab", name);
    const { endpoint, apiToken, insecure, ssh } = settings;
    const provider = new Provider(
      "proxmox",
      { endpoint, apiToken, insecure, ssh: { username: ssh.username, nodes: [...ssh.nodes] } },
      { parent: this },
    );
    const containers = plan.containers.map(
      (container) =>
        new Container(container.name, { plan: container }, { parent: this, providers: { proxmoxve: provider } }),
    );
    this.guests = Object.fromEntries(containers.map((container) => [container.plan.name, container.output]));
    this.registerOutputs({ guests: this.guests });
  }
}
