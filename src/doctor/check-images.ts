import type { ImagePlan } from "../plan/images.ts";
import type { Reading } from "../proxmox/read-api.ts";
import { fine, problem, renderBytes, unread, type Finding } from "./finding.ts";

/** Whether a node finds the file that it is to download. */
export function checkImage(
  { image, node, url }: ImagePlan,
  reading: Reading<{ readonly size?: number | undefined }>,
): Finding {
  const subject = `image ${image} for ${node}`;
  if (reading.kind === "read") {
    const { size } = reading.value;
    return fine(subject, size === undefined ? "The node finds it." : `The node finds it: ${renderBytes(size)}.`);
  }
  // With 500 the node tells that it could not; anything else is of the way to the node.
  if (reading.status !== 500) return unread(subject, reading);
  return problem(
    subject,
    `The node does not get ${url}: ${reading.message}.`,
    `If the address is right, look whether ${node} resolves names and reaches the internet:\n  curl -I ${url}`,
  );
}
