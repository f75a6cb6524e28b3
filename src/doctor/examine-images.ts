import { z } from "zod";
import type { ImagePlan } from "../plan/images.ts";
import type { HomelabPlan } from "../plan/plan.ts";
import { UrlMetadata } from "../proxmox/answers.ts";
import type { ReadApi } from "../proxmox/read-api.ts";
import { checkImage } from "./check-images.ts";
import type { NodeExamination } from "./examine-node.ts";
import { fine, type Finding } from "./finding.ts";

/** What was found of the images. */
export interface ImageExamination {
  readonly findings: readonly Finding[];
  /** In bytes, by the image's name; those that are still to be downloaded, undefined where nobody told. */
  readonly sizes: ReadonlyMap<string, number | undefined>;
}

const Volumes = z.array(z.object({ volid: z.string() }));

/** Lets each node look for the files that it is to download; from here nothing is dialled but the API. */
export async function examineImages(
  { images }: Pick<HomelabPlan, "images">,
  api: ReadApi,
  nodes: readonly NodeExamination[],
): Promise<ImageExamination> {
  const sizes = new Map<string, number | undefined>();
  const findings = await Promise.all(
    images.map(async (image) => {
      const node = nodes.find((candidate) => candidate.node.name === image.node);
      if (node === undefined) return [];
      const subject = `image ${image.image} for ${image.node}`;
      if (await isThere(api, image, node)) return [fine(subject, "The node has it already.")];
      const options = { parameters: { url: image.url }, milliseconds: 30_000 };
      const reading = await api.read(`/nodes/${image.node}/query-url-metadata`, UrlMetadata, options);
      sizes.set(image.name, reading.kind === "read" ? reading.value.size : undefined);
      return [checkImage(image, reading)];
    }),
  );
  return { findings: findings.flat(), sizes };
}

async function isThere(api: ReadApi, image: ImagePlan, { storages }: NodeExamination): Promise<boolean> {
  const storage = storages?.find((own) => own.storage === image.storage);
  if (storage?.active !== true) return false;
  const path = `/nodes/${image.node}/storage/${image.storage}/content`;
  const volumes = await api.read(path, Volumes, { parameters: { content: image.contentType } });
  return volumes.kind === "read" && volumes.value.some(({ volid }) => volid === image.volumeId);
}
