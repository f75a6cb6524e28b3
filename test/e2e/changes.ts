import type { PreviewOptions, Stack } from "@pulumi/pulumi/automation/index.js";

/** What a preview would do, as `update ContainerLegacy grafana: memory`; nothing of what stays the same. */
export async function previewChanges(stack: Stack, options: PreviewOptions = {}): Promise<string[]> {
  const changes: string[] = [];
  await stack.preview({
    ...options,
    onEvent: ({ resourcePreEvent }) => {
      if (resourcePreEvent === undefined) return;
      const { op, urn, type, diffs = [] } = resourcePreEvent.metadata;
      // A replacement comes as its two halves, too.
      if (["same", "create-replacement", "delete-replaced"].includes(op)) return;
      const name = urn.split("::").at(-1) ?? urn;
      const properties = diffs.filter((property) => !property.startsWith("__")).sort();
      const changed = properties.length === 0 ? "" : `: ${properties.join(", ")}`;
      changes.push(`${op} ${type.split(":").at(-1) ?? type} ${name}${changed}`);
    },
  });
  return changes.sort();
}

/** The messages of a preview that is refused. */
export async function previewRefusal(stack: Stack): Promise<string> {
  const messages: string[] = [];
  try {
    await stack.preview({
      onEvent: ({ diagnosticEvent }) => {
        if (diagnosticEvent?.severity === "error") messages.push(diagnosticEvent.message);
      },
    });
  } catch {
    return messages.join("\n");
  }
  throw new Error("The preview was not refused.");
}
