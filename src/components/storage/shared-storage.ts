import { Cifs } from "@muhlba91/pulumi-proxmoxve/storage/cifs.js";
import { Directory } from "@muhlba91/pulumi-proxmoxve/storage/directory.js";
import { Nfs } from "@muhlba91/pulumi-proxmoxve/storage/nfs.js";
import { Zfspool } from "@muhlba91/pulumi-proxmoxve/storage/zfspool.js";
import type { ComponentResourceOptions, CustomResource, CustomResourceOptions, Input, Resource } from "@pulumi/pulumi";
import type { StoragePlan } from "../../plan/storages.ts";
import { HomelabComponent, ownership } from "../component.ts";

/** What a storage is built from. */
export interface SharedStorageArgs {
  readonly plan: StoragePlan;
  /** By the name of the stack's setting; a CIFS storage finds its password there. */
  readonly secrets: Readonly<Record<string, Input<string>>>;
  /** The pools below it, where this program makes them. */
  readonly after: readonly Resource[];
}

/** A storage of the cluster, known to all of its nodes or to some. */
export class SharedStorage extends HomelabComponent {
  readonly name: string;
  readonly resource: CustomResource;

  constructor(name: string, { plan, secrets, after }: SharedStorageArgs, options: ComponentResourceOptions) {
    super("storage:SharedStorage", name, options);
    this.name = name;
    this.resource = createStorage(name, plan, secrets, {
      parent: this,
      dependsOn: [...after],
      deleteBeforeReplace: true,
      ...ownership(plan.origin),
    });
    this.registerOutputs({ storage: name, type: plan.type, released: plan.origin === "release" });
  }
}

function createStorage(
  name: string,
  plan: StoragePlan,
  secrets: SharedStorageArgs["secrets"],
  options: CustomResourceOptions,
): CustomResource {
  const common = { resourceId: name, nodes: [...plan.nodes], contents: [...plan.content] };
  switch (plan.type) {
    case "zfspool":
      return new Zfspool(name, { ...common, zfsPool: plan.dataset, thinProvision: plan.thin }, options);
    case "dir":
      return new Directory(name, { ...common, path: plan.path, shared: false }, options);
    case "nfs":
      return new Nfs(name, { ...common, server: plan.server, export: plan.export, options: plan.options }, options);
    case "cifs": {
      const { server, share, subdir: subdirectory, username, options: mountOptions, passwordSecret } = plan;
      // What is let go of is not logged in to: its setting may be gone.
      const password = plan.origin === "release" ? "" : secretNamed(secrets, passwordSecret);
      const login = { username, password, options: mountOptions };
      return new Cifs(name, { ...common, server, share, subdirectory, ...login }, options);
    }
  }
}

function secretNamed(secrets: SharedStorageArgs["secrets"], name: string): Input<string> {
  const secret = secrets[name];
  if (secret === undefined) throw new Error(`The secret setting ${name} was not loaded.`);
  return secret;
}
