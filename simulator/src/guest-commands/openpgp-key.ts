import { createHash } from "node:crypto";

const simulated = /^Comment: simulated key ([0-9A-F]{40})$/gm;
const armor =
  /-----BEGIN PGP PUBLIC KEY BLOCK-----\n(?:[^\n]+\n)*?\n([^]*?)\n(?:=[\w+/]{4}\n)?-----END PGP PUBLIC KEY BLOCK-----/g;

/** A file that stands for a key that can't be had here: it names the true key's fingerprint, and has no key in it. */
export function simulatedKey(fingerprint: string): string {
  return `-----BEGIN PGP PUBLIC KEY BLOCK-----
Comment: simulated key ${fingerprint}

-----END PGP PUBLIC KEY BLOCK-----
`;
}

/** The fingerprints of the primary keys in a file: of real ones, armored or not, and of simulated ones. */
export function fingerprintsIn(data: Buffer): string[] {
  const text = data.toString("latin1");
  const named = Array.from(text.matchAll(simulated), ([, fingerprint = ""]) => fingerprint);
  const blocks = Array.from(text.matchAll(armor), ([, body = ""]) => Buffer.from(body, "base64"));
  return [...named, ...(blocks.length > 0 ? blocks : [data]).flatMap(primaryKeys)];
}

/** Fingerprints of version 4: https://www.rfc-editor.org/rfc/rfc9580#section-5.5.4 */
function primaryKeys(data: Buffer): string[] {
  const found: string[] = [];
  for (let offset = 0; offset + 6 < data.length;) {
    const packet = readPacket(data, offset);
    if (packet === undefined) break;
    const { tag, body } = packet;
    if (tag === publicKey && body[0] === 4) {
      const head = Buffer.from([0x99, body.length >> 8, body.length & 255]);
      found.push(createHash("sha1").update(head).update(body).digest("hex").toUpperCase());
    }
    offset = packet.end;
  }
  return found;
}

const publicKey = 6;

function readPacket(data: Buffer, offset: number): { tag: number; body: Buffer; end: number } | undefined {
  const first = data[offset] ?? 0;
  if ((first & 0x80) === 0) return undefined;
  const old = (first & 0x40) === 0;
  const tag = old ? (first >> 2) & 15 : first & 63;
  const length = old ? oldLength(data, offset + 1, first & 3) : newLength(data, offset + 1);
  if (length === undefined) return undefined;
  const start = offset + 1 + length.size;
  const end = start + length.value;
  return end > data.length ? undefined : { tag, body: data.subarray(start, end), end };
}

function oldLength(data: Buffer, offset: number, kind: number): { size: number; value: number } | undefined {
  const size = [1, 2, 4][kind];
  return size === undefined || offset + size > data.length ? undefined : { size, value: data.readUIntBE(offset, size) };
}

function newLength(data: Buffer, offset: number): { size: number; value: number } | undefined {
  const [first = 0, second = 0] = data.subarray(offset);
  if (first < 192) return { size: 1, value: first };
  if (first < 224) return { size: 2, value: ((first - 192) << 8) + second + 192 };
  return first === 255 && offset + 5 <= data.length ? { size: 5, value: data.readUInt32BE(offset + 1) } : undefined;
}
