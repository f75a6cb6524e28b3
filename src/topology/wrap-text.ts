/** How a text is set. */
export interface TextStyle {
  readonly size: number;
  readonly bold?: boolean;
  readonly mono?: boolean;
}

const sansWidths: readonly (readonly [RegExp, number])[] = [
  [/[ijlI'.,: ·]/u, 0.33],
  [/[frt!()[\]/|;-]/u, 0.41],
  [/[scxyzvkJ]/u, 0.59],
  [/[CDGHNOQU&w]/u, 0.82],
  [/[MW@%m+<>=#~…—]/u, 1],
  [/[A-Z]/u, 0.7],
];

/**
 * Estimates how wide a text is, in the units of its size. The reader's font is not known: these are the widths of DejaVu
 * Sans, which is wider than what else `sans-serif` stands for.
 */
export function estimateWidth(text: string, { size, bold = false, mono = false }: TextStyle): number {
  const widths = Array.from(text).map((character) => (mono ? monoWidth(character) : sansWidth(character)));
  const total = widths.reduce((sum, width) => sum + width, 0);
  return total * size * (bold && !mono ? 1.1 : 1);
}

/** Breaks a text into lines that fit, after spaces and punctuation where there are any. */
export function wrapText(text: string, width: number, style: TextStyle): string[] {
  const fits = (line: string) => estimateWidth(line.trimEnd(), style) <= width;
  const lines: string[] = [];
  let line = "";
  for (const word of text.match(/[^\s\-./,:]*[\s\-./,:]?/gu) ?? []) {
    if (fits(line + word)) {
      line += word;
      continue;
    }
    if (line !== "") lines.push(line);
    line = "";
    for (const character of word) {
      if (line !== "" && !fits(line + character)) {
        lines.push(line);
        line = "";
      }
      line += character;
    }
  }
  return [...lines, line].map((part) => part.trim()).filter((part, index) => part !== "" || index === 0);
}

function monoWidth(character: string): number {
  return isWide(character) ? 1.3 : 0.61;
}

function sansWidth(character: string): number {
  if (isWide(character)) return 1.3;
  return sansWidths.find(([characters]) => characters.test(character))?.[1] ?? 0.64;
}

function isWide(character: string): boolean {
  return (character.codePointAt(0) ?? 0) > 0x2ff && !/[…—–·’“”]/u.test(character);
}
