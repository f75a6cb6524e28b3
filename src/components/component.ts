import { ComponentResource, type ComponentResourceOptions, type CustomResourceOptions } from "@pulumi/pulumi";
import type { Origin } from "../plan/hosts.ts";

/** Base of all components: the type token is `homelab:<folder>:<Class>` and never changes. */
export abstract class HomelabComponent extends ComponentResource {
  protected constructor(type: `${string}:${string}`, name: string, options: ComponentResourceOptions) {
    super(`homelab:${type}`, name, {}, options);
  }
}

/** Options of what is ours, or is let go of: that is not changed any more, and stays when the state forgets it. */
export function ownership(origin: Origin): CustomResourceOptions {
  return origin === "release" ? { retainOnDelete: true, ignoreChanges: ["*"] } : {};
}
