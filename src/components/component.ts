import { ComponentResource, type ComponentResourceOptions } from "@pulumi/pulumi";

/** Base of all components: the type token is `homelab:<folder>:<Class>` and never changes. */
export abstract class HomelabComponent extends ComponentResource {
  protected constructor(type: `${string}:${string}`, name: string, options: ComponentResourceOptions) {
    super(`homelab:${type}`, name, {}, options);
  }
}
