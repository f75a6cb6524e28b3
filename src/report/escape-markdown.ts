/** Sentences have names and addresses in them, and those are no markup and call nobody. */
export function escapeMarkdown(text: string): string {
  return escapeHtml(text)
    .replace(/[\\`*_[\]~|]/g, String.raw`\$&`)
    .replace(/[@#!](?=\w)/g, "$&\u200b");
}

/** A text that is shown as it is where HTML is. */
export function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
