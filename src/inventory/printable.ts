/**
 * What is no part of a text that is read: control characters (a terminal obeys some), breaks of lines, marks that let it be
 * read in another order than it is written, and halves of characters.
 */
const unprintable = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Whether a text shows all that is in it. */
export function isPrintable(text: string): boolean {
  return text.search(unprintable) === -1;
}

/** A text with what would not show written out, and its middle left out where it is longer than that. */
export function printable(text: string, most: number): string {
  const shown = text.length > most ? `${text.slice(0, most / 2)}…${text.slice(-most / 2)}` : text;
  return shown.replace(unprintable, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
