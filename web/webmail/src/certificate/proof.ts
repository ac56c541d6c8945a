/** The signature that logs somebody in: CMS SignedData over exactly one line (RFC 5652, SHA-256). */
import { join, TAG, write, writeOid } from './der.ts';
import type { Certificate } from './identity.ts';
import { digest } from './octets.ts';
import type { PrivateKey } from './private-key.ts';

type Octets = Uint8Array<ArrayBuffer>;
const DATA = '1.2.840.113549.1.7.1';
const SIGNED_DATA = '1.2.840.113549.1.7.2';
const RSA = '1.2.840.113549.1.1.1';
const SHA256 = '2.16.840.1.101.3.4.2.1';
const NOTHING = write(TAG.null);
const sequence = (...parts: Uint8Array[]): Octets => write(TAG.sequence, ...parts);
const set = (...parts: Uint8Array[]): Octets => write(TAG.set, ...parts);
const number = (value: number): Octets => write(TAG.integer, Uint8Array.of(value));
const attribute = (oid: string, value: Uint8Array): Octets => sequence(writeOid(oid), set(value));

export interface Question {
  origin: string;
  account: string;
  nonce: string;
  /** Seconds of Unix time by the server's clock. */
  time: number;
}

/** What is signed: nothing else is ever asked of the key. */
export function payload(question: Question): string {
  return `SmartMail-Login-v1|${question.origin}|${question.account}|${question.nonce}|${question.time}`;
}

export async function sign(
  text: string,
  certificate: Certificate,
  others: Octets[],
  key: PrivateKey,
  now: number,
): Promise<Octets> {
  const content = new TextEncoder().encode(text);
  const attributes = join(
    // DER orders a set by its octets; these three stand in order as they are.
    ...[
      attribute('1.2.840.113549.1.9.3', writeOid(DATA)),
      attribute('1.2.840.113549.1.9.5', utcTime(now)),
      attribute('1.2.840.113549.1.9.4', write(TAG.octets, await digest('SHA-256', content))),
    ].sort(compare),
  );
  const signature = await key.sign(write(TAG.set, attributes));
  const hash = sequence(writeOid(SHA256), NOTHING);
  const signer = sequence(
    number(1),
    sequence(certificate.issuerName, certificate.serial),
    hash,
    write(0xa0, attributes),
    sequence(writeOid(RSA), NOTHING),
    write(TAG.octets, signature),
  );
  const data = sequence(
    number(1),
    set(hash),
    sequence(writeOid(DATA), write(0xa0, write(TAG.octets, content))),
    write(0xa0, certificate.file, ...others),
    set(signer),
  );
  return sequence(writeOid(SIGNED_DATA), write(0xa0, data));
}

function compare(one: Octets, other: Octets): number {
  for (let at = 0; at < Math.min(one.length, other.length); at += 1) {
    const difference = (one[at] ?? 0) - (other[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return one.length - other.length;
}

function utcTime(now: number): Octets {
  const text = new Date(now)
    .toISOString()
    .replaceAll(/[-:T]|\.\d+/g, '')
    .slice(2);
  return write(TAG.utcTime, new TextEncoder().encode(text));
}
