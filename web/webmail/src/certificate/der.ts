/**
 * Reading and writing ASN.1 by its tags: DER, and the BER that old PKCS #12 files use (lengths left open, strings in
 * pieces). X.690. Knows no types: who reads, knows what stands where. Anything that is cut or wrong is a DerError.
 */
export class DerError extends Error {}

const DEEPEST = 40;
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bits: 0x03,
  octets: 0x04,
  null: 0x05,
  oid: 0x06,
  utf8: 0x0c,
  printable: 0x13,
  ia5: 0x16,
  utcTime: 0x17,
  time: 0x18,
  bmp: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const;

export interface Element {
  tag: number;
  /** The whole of it, with tag and length, as it stood in the file. */
  whole: Uint8Array<ArrayBuffer>;
  content: Uint8Array<ArrayBuffer>;
}

/** Reads one element; what follows it is no concern of this. */
export function read(octets: Uint8Array<ArrayBuffer>, depth = 0): Element {
  const tag = octets[0];
  const first = octets[1];
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f || depth > DEEPEST) throw new DerError();
  if (first === 0x80) return readOpen(octets, tag, depth);
  let start = 2;
  let length = first;
  if (first > 0x80) {
    const count = first & 0x7f;
    if (count > 4) throw new DerError();
    length = 0;
    for (let at = 0; at < count; at += 1) length = length * 256 + (octets[start + at] ?? NaN);
    start += count;
  }
  if (!(start + length <= octets.length)) throw new DerError();
  return { tag, whole: octets.subarray(0, start + length), content: octets.subarray(start, start + length) };
}

/** X.690 §8.1.3.6: children until two octets of zero. */
function readOpen(octets: Uint8Array<ArrayBuffer>, tag: number, depth: number): Element {
  let at = 2;
  for (;;) {
    if (octets[at] === 0 && octets[at + 1] === 0) break;
    at += read(octets.subarray(at), depth + 1).whole.length;
  }
  return { tag, whole: octets.subarray(0, at + 2), content: octets.subarray(2, at) };
}

/** The elements inside one. */
export function inside(element: Element): Element[] {
  const found: Element[] = [];
  for (let at = 0; at < element.content.length;) {
    const next = read(element.content.subarray(at));
    found.push(next);
    at += next.whole.length;
  }
  return found;
}

/** Like `inside`, for those that must have this tag. */
export function children(element: Element | undefined, tag: number): Element[] {
  return inside(expect(element, tag));
}

export function expect(element: Element | undefined, tag: number): Element {
  if (element?.tag !== tag) throw new DerError();
  return element;
}

/** An octet string, whole or in pieces; `tag` as a context tag may stand for it. */
export function octetsOf(element: Element | undefined, tag: number = TAG.octets): Uint8Array<ArrayBuffer> {
  if (element?.tag === tag) return element.content;
  if (element?.tag !== (tag | 0x20)) throw new DerError();
  return join(...inside(element).map((piece) => octetsOf(piece)));
}

export function oidOf(element: Element | undefined): string {
  const octets = expect(element, TAG.oid).content;
  const arcs: number[] = [];
  let value = 0;
  for (const octet of octets) {
    value = value * 128 + (octet & 0x7f);
    if (octet < 0x80) {
      if (arcs.length === 0)
        arcs.push(Math.min(2, Math.floor(value / 40)), value - 40 * Math.min(2, Math.floor(value / 40)));
      else arcs.push(value);
      value = 0;
    }
  }
  return arcs.join('.');
}

/** A number that must be small: versions, counts of rounds. */
export function numberOf(element: Element | undefined): number {
  const octets = expect(element, TAG.integer).content;
  if (octets.length > 4) throw new DerError();
  return octets.reduce((total, octet) => total * 256 + octet, 0);
}

export function write(tag: number, ...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const content = join(...parts);
  const length: number[] = [];
  for (let rest = content.length; rest > 0; rest = Math.floor(rest / 256)) length.unshift(rest % 256);
  const head = content.length < 0x80 ? [content.length] : [0x80 | length.length, ...length];
  return join(Uint8Array.of(tag, ...head), content);
}

export function writeOid(text: string): Uint8Array<ArrayBuffer> {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  const octets = [first * 40 + second, ...rest].flatMap((arc) => {
    const found = [arc % 128];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) found.unshift(0x80 | (left % 128));
    return found;
  });
  return write(TAG.oid, Uint8Array.from(octets));
}

export function join(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const found = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    found.set(part, at);
    at += part.length;
  }
  return found;
}
