import { File } from "@muhlba91/pulumi-proxmoxve/download/file.js";
import type { ComponentResourceOptions, Resource } from "@pulumi/pulumi";
import type { ImagePlan } from "../../plan/images.ts";
import { HomelabComponent } from "../component.ts";

/** What an image is built from. */
export interface ImageArgs {
  readonly plan: ImagePlan;
  /** The storage that keeps it, where this program makes that. */
  readonly after: readonly Resource[];
}

/** A file that one node downloads, for guests to be made from. */
export class Image extends HomelabComponent {
  readonly name: string;
  readonly resource: File;

  constructor(name: string, { plan, after }: ImageArgs, options: ComponentResourceOptions) {
    super("storage:Image", name, {
      ...options,
      aliases: plan.formerName === undefined ? [] : [{ name: plan.formerName }],
    });
    this.name = name;
    this.resource = new File(
      name,
      {
        nodeName: plan.node,
        datastoreId: plan.storage,
        contentType: plan.contentType,
        url: plan.url,
        fileName: plan.fileName,
        checksum: plan.checksum?.value,
        checksumAlgorithm: plan.checksum?.algorithm,
        // The address always gives the same file: there is no newer one to look for on every refresh.
        overwrite: false,
        // What a run that was interrupted has left is no obstacle for the next one.
        overwriteUnmanaged: true,
      },
      // A file that takes the place of another one has another name: the old one goes once the new one is there.
      { parent: this, dependsOn: [...after] },
    );
    this.registerOutputs({ volumeId: this.resource.id });
  }
}
