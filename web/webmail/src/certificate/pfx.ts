/** Certificates and keys out of a PKCS #12 file (RFC 7292): what may follow each other in it is read, nothing else. */
import { children, DerError, type Element, expect, inside, join, numberOf, octetsOf, oidOf, read, TAG } from './der.ts';
import { digest, same } from './octets.ts';
import { pkcs12Key, unlock, WrongPassword } from './unlocking.ts';

type Octets = Uint8Array<ArrayBuffer>;
const DATA = '1.2.840.113549.1.7.1';
const ENCRYPTED = '1.2.840.113549.1.7.6';
const KEY = '1.2.840.113549.1.12.10.1.1';
const SHROUDED_KEY = '1.2.840.113549.1.12.10.1.2';
const CERTIFICATE = '1.2.840.113549.1.12.10.1.3';
const HASHES: Record<string, string> = {
  '1.3.14.3.2.26': 'SHA-1',
  '2.16.840.1.101.3.4.2.1': 'SHA-256',
  '2.16.840.1.101.3.4.2.2': 'SHA-384',
  '2.16.840.1.101.3.4.2.3': 'SHA-512',
};

export interface Bundle {
  certificates: Octets[];
  /** As PrivateKeyInfo, opened. */
  keys: Octets[];
}

/** Says whether a file looks like one: SEQUENCE { INTEGER 3, … }. */
export function isBundle(file: Octets): boolean {
  try {
    const [version] = children(read(file), TAG.sequence);
    return numberOf(version) === 3;
  } catch {
    return false;
  }
}

/** Throws WrongPassword, UnknownFormat, DerError. */
export async function openBundle(file: Octets, password: string): Promise<Bundle> {
  const [, safe, mac] = children(read(file), TAG.sequence);
  const content = contentOf(safe, DATA);
  const octets = octetsOf(content);
  if (mac) await check(mac, octets, password);
  const found: Bundle = { certificates: [], keys: [] };
  for (const part of children(read(octets), TAG.sequence)) {
    const [type] = children(part, TAG.sequence);
    const plain = oidOf(type) === DATA ? octetsOf(contentOf(part, DATA)) : await openPart(part, password);
    for (const bag of children(read(plain), TAG.sequence)) await take(bag, password, found);
  }
  return found;
}

function contentOf(info: Element | undefined, oid: string): Element {
  const [type, wrapped] = children(info, TAG.sequence);
  const [content] = wrapped ? inside(wrapped) : [];
  if (oidOf(type) !== oid || !content) throw new DerError();
  return content;
}

async function openPart(part: Element, password: string): Promise<Octets> {
  const [, info] = children(contentOf(part, ENCRYPTED), TAG.sequence);
  const [, algorithm, octets] = children(info, TAG.sequence);
  return unlock(expect(algorithm, TAG.sequence), octetsOf(octets, 0x80), password);
}

async function take(bag: Element, password: string, found: Bundle): Promise<void> {
  const [type, wrapped] = children(bag, TAG.sequence);
  const [value] = wrapped ? inside(wrapped) : [];
  if (!value) return;
  if (oidOf(type) === KEY) found.keys.push(value.whole);
  if (oidOf(type) === SHROUDED_KEY) {
    const [algorithm, octets] = children(value, TAG.sequence);
    found.keys.push(await unlock(expect(algorithm, TAG.sequence), octetsOf(octets), password));
  }
  if (oidOf(type) === CERTIFICATE) {
    const [, held] = children(value, TAG.sequence);
    if (held) found.certificates.push(octetsOf(inside(held)[0]));
  }
}

/** RFC 7292 §4: the check over all. One that we do not know (RFC 9579) is left to the padding. */
async function check(mac: Element, octets: Octets, password: string): Promise<void> {
  const [info, salt, rounds] = children(mac, TAG.sequence);
  const [algorithm, expected] = children(info, TAG.sequence);
  const hash = HASHES[oidOf(children(algorithm, TAG.sequence)[0])];
  if (!hash) return;
  const length = (await digest(hash, new Uint8Array(0))).length;
  const count = rounds ? numberOf(rounds) : 1;
  const secret = await pkcs12Key(password, octetsOf(salt), count, 3, length, hash);
  const key = await crypto.subtle.importKey('raw', secret, { name: 'HMAC', hash }, false, ['sign']);
  const found = new Uint8Array(await crypto.subtle.sign('HMAC', key, join(octets)));
  if (!same(found, octetsOf(expected))) throw new WrongPassword();
}
