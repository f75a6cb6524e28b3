/** `\n` and its kin in a text. */
export function unescape(text: string): string {
  const plain: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", a: "\x07", e: "\x1b", "\\": "\\" };
  return text.replaceAll(
    /\\(?:0?([0-7]{1,3})|x([0-9a-f]{1,2})|(.))/gi,
    (all, octal: string, hex: string, letter: string) => {
      if (octal) return String.fromCharCode(parseInt(octal, 8));
      if (hex) return String.fromCharCode(parseInt(hex, 16));
      return plain[letter] ?? all;
    },
  );
}
