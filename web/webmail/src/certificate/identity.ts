/** What is shown of a certificate before its password is asked for, and what KISA's identity number needs (VID). */
import { children, type Element, expect, inside, join, octetsOf, oidOf, read, TAG, write } from './der.ts';
import { digest, same } from './octets.ts';

type Octets = Uint8Array<ArrayBuffer>;
export type Purpose = 'personal' | 'business' | 'government' | 'general';

export interface Certificate {
  file: Octets;
  name: string;
  issuer: string;
  purpose: Purpose;
  /** Milliseconds of Unix time. */
  since: number;
  until: number;
  /** May it sign? A certificate for encryption alone may not. */
  signs: boolean;
  modulus: Octets | null;
  /** As they stand in the certificate, for the signature's name of it. */
  issuerName: Octets;
  serial: Octets;
  vid: { hash: string; value: Octets } | null;
}

const COMMON_NAME = '2.5.4.3';
const ORGANIZATION = '2.5.4.10';
const KEY_USAGE = '2.5.29.15';
const ALTERNATIVE_NAMES = '2.5.29.17';
const POLICIES = '2.5.29.32';
const IDENTITY = '1.2.410.200004.10.1.1';
const VID = '1.2.410.200004.10.1.1.1';
const HASHES: Record<string, string> = { '1.3.14.3.2.26': 'SHA-1', '2.16.840.1.101.3.4.2.1': 'SHA-256' };
/** Beginnings of policy names that say whom a certificate is for; what no rule names is "general". */
const PURPOSES: [RegExp, Purpose][] = [
  [/^1\.2\.410\.100001\./, 'government'],
  [/^1\.2\.410\.200005\.1\.1\.[1-4]$/, 'personal'],
  [/^1\.2\.410\.200005\.1\.1\.[5-7]$/, 'business'],
];

/** Reads a certificate, DER or PEM. Throws DerError. */
export function readCertificate(file: Octets): Certificate {
  const parts = children(children(read(file), TAG.sequence)[0], TAG.sequence);
  // The version comes first where there is one (RFC 5280 §4.1.2.1).
  const [serial, , issuer, validity, subject, key, ...rest] = parts[0]?.tag === 0xa0 ? parts.slice(1) : parts;
  const [since, until] = children(validity, TAG.sequence).map(timeOf);
  const extensions = extensionsOf(rest.find((one) => one.tag === 0xa3));
  const usage = extensions.get(KEY_USAGE);
  return {
    file: read(file).whole,
    name: namePart(subject, COMMON_NAME) || namePart(subject, ORGANIZATION),
    issuer: namePart(issuer, ORGANIZATION) || namePart(issuer, COMMON_NAME),
    purpose: purposeOf(extensions.get(POLICIES)),
    since: since ?? 0,
    until: until ?? 0,
    signs: usage === undefined || ((expect(usage, TAG.bits).content[1] ?? 0) & 0xc0) !== 0,
    modulus: modulusOf(expect(key, TAG.sequence)),
    issuerName: expect(issuer, TAG.sequence).whole,
    serial: expect(serial, TAG.integer).whole,
    vid: vidOf(extensions.get(ALTERNATIVE_NAMES)),
  };
}

function extensionsOf(element: Element | undefined): Map<string, Element> {
  const found = new Map<string, Element>();
  if (!element) return found;
  for (const extension of children(inside(element)[0], TAG.sequence)) {
    const parts = children(extension, TAG.sequence);
    found.set(oidOf(parts[0]), read(octetsOf(parts[parts.length - 1])));
  }
  return found;
}

function purposeOf(policies: Element | undefined): Purpose {
  for (const one of policies ? children(policies, TAG.sequence) : []) {
    const oid = oidOf(children(one, TAG.sequence)[0]);
    const rule = PURPOSES.find(([pattern]) => pattern.test(oid));
    if (rule) return rule[1];
  }
  return 'general';
}

function namePart(name: Element | undefined, oid: string): string {
  for (const set of children(name, TAG.sequence).toReversed()) {
    for (const pair of children(set, TAG.set)) {
      const [type, value] = children(pair, TAG.sequence);
      if (oidOf(type) === oid && value) return textOf(value);
    }
  }
  return '';
}

function textOf(value: Element): string {
  if (value.tag === TAG.bmp) return new TextDecoder('utf-16be').decode(value.content);
  return new TextDecoder().decode(value.content);
}

function timeOf(value: Element): number {
  const text = textOf(value);
  const year = value.tag === TAG.utcTime ? (Number(text.slice(0, 2)) < 50 ? '20' : '19') + text : text;
  const at = (from: number, to: number): number => Number(year.slice(from, to));
  return Date.UTC(at(0, 4), at(4, 6) - 1, at(6, 8), at(8, 10), at(10, 12), at(12, 14));
}

function modulusOf(key: Element): Octets | null {
  const [algorithm, bits] = children(key, TAG.sequence);
  if (oidOf(children(algorithm, TAG.sequence)[0]) !== '1.2.840.113549.1.1.1') return null;
  const numbers = children(read(expect(bits, TAG.bits).content.slice(1)), TAG.sequence);
  return expect(numbers[0], TAG.integer).content;
}

/** SEQUENCE { realName, SEQUENCE { SEQUENCE { OID, SEQUENCE { hash, [0] OCTET STRING } } } } in an otherName. */
function vidOf(names: Element | undefined): Certificate['vid'] {
  for (const name of names ? children(names, TAG.sequence) : []) {
    if (name.tag !== 0xa0) continue;
    const [type, value] = inside(name);
    if (oidOf(type) !== IDENTITY || !value) continue;
    const [, infos] = children(inside(value)[0], TAG.sequence);
    for (const info of children(infos, TAG.sequence)) {
      const [kind, content] = children(info, TAG.sequence);
      if (oidOf(kind) !== VID) continue;
      const [algorithm, wrapped] = children(content, TAG.sequence);
      const hash = HASHES[oidOf(children(algorithm, TAG.sequence)[0])];
      if (hash && wrapped) return { hash, value: octetsOf(inside(wrapped)[0]) };
    }
  }
  return null;
}

/**
 * What shows that somebody knows number and R without telling either: H(HashContent), whose hash is the VID of the
 * certificate. Null when the number is another one.
 */
export async function identityProof(
  vid: NonNullable<Certificate['vid']>,
  idNumber: string,
  random: Octets,
): Promise<Octets | null> {
  const content = hashContent(idNumber, random);
  const inner = await digest(vid.hash, content);
  return same(await digest(vid.hash, inner), vid.value) ? inner : null;
}

/** HashContent ::= SEQUENCE { idn PrintableString, randomNum BIT STRING } */
export function hashContent(idNumber: string, random: Octets): Octets {
  const digits = new TextEncoder().encode(idNumber.replaceAll(/[^0-9A-Za-z]/g, ''));
  return write(TAG.sequence, write(TAG.printable, digits), write(TAG.bits, join(Uint8Array.of(0), random)));
}
