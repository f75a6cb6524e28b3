/** Reads `name=Authorization,value=…`, whose value is base64. */
export function splitPair(text: string): { readonly name: string; readonly value: string | undefined } {
  const parts = Object.fromEntries(
    text.split(",").map((part) => {
      const equals = part.indexOf("=");
      return [part.slice(0, equals), part.slice(equals + 1)] as const;
    }),
  );
  return { name: parts["name"] ?? "", value: parts["value"] };
}
