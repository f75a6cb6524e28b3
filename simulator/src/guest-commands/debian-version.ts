/** Which of two versions is newer, as dpkg decides it: below 0 where the first is older. */
export function compareVersions(left: string, right: string): number {
  const [a, b] = [split(left), split(right)];
  return a.epoch - b.epoch || compareParts(a.upstream, b.upstream) || compareParts(a.revision, b.revision);
}

function split(version: string): { readonly epoch: number; readonly upstream: string; readonly revision: string } {
  const [, epoch = "0", rest = ""] = /^(?:(\d+):)?([^]*)$/.exec(version) ?? [];
  const dash = rest.lastIndexOf("-");
  return dash < 0
    ? { epoch: Number(epoch), upstream: rest, revision: "" }
    : { epoch: Number(epoch), upstream: rest.slice(0, dash), revision: rest.slice(dash + 1) };
}

/** What is no number and what is one take turns. */
function compareParts(left: string, right: string): number {
  const [a, b] = [partsOf(left), partsOf(right)];
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const [one = "", other = ""] = [a[index], b[index]];
    const order = index % 2 === 0 ? compareText(one, other) : Number(one || 0) - Number(other || 0);
    if (order !== 0) return order;
  }
  return 0;
}

function partsOf(text: string): string[] {
  return Array.from(text.matchAll(/(\D*)(\d*)/g)).flatMap(([, letters = "", digits = ""]) => [letters, digits]);
}

function compareText(left: string, right: string): number {
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const order = weightOf(left[index]) - weightOf(right[index]);
    if (order !== 0) return order;
  }
  return 0;
}

/** A tilde is before the end, letters before all else. */
function weightOf(character: string | undefined): number {
  if (character === undefined) return 0;
  if (character === "~") return -1;
  return (character.codePointAt(0) ?? 0) + (/[a-z]/i.test(character) ? 0 : 256);
}
