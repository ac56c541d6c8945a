/**
 * Opens what a password protects: the ways of KISA (PBKDF1 with SEED), of PKCS #5 (PBES2) and of PKCS #12.
 *
 * A wrong password shows as bad padding, or as octets that are no key; both are `WrongPassword`. What we do not know is
 * `UnknownFormat`. Standards: RFC 8018, RFC 7292 Appendix B, RFC 4269, KISA's key protection (1.2.410.200004.1.4 and .15).
 */
import { children, DerError, type Element, inside, numberOf, octetsOf, oidOf, TAG } from './der.ts';
import { digest } from './octets.ts';
import { rc2CbcDecrypt } from './rc2.ts';
import { seedCbcDecrypt } from './seed.ts';
import { tripleDesCbcDecrypt } from './triple-des.ts';

export class WrongPassword extends Error {}
export class UnknownFormat extends Error {}

type Octets = Uint8Array<ArrayBuffer>;
const MOST_ROUNDS = 2_000_000;

const SEED_CBC = '1.2.410.200004.1.4';
const SEED_CBC_SHA1 = '1.2.410.200004.1.15';
const PBES2 = '1.2.840.113549.1.5.13';
const PBKDF2 = '1.2.840.113549.1.5.12';
const OLD_IV = new TextEncoder().encode('0123456789012345');
const PRFS: Record<string, string> = {
  '1.2.840.113549.2.7': 'SHA-1',
  '1.2.840.113549.2.9': 'SHA-256',
  '1.2.840.113549.2.10': 'SHA-384',
  '1.2.840.113549.2.11': 'SHA-512',
};
const TRIPLE_DES = '1.2.840.113549.3.7';
const CIPHERS: Record<string, number> = {
  [SEED_CBC]: 16,
  [TRIPLE_DES]: 24,
  '2.16.840.1.101.3.4.1.2': 16,
  '2.16.840.1.101.3.4.1.22': 24,
  '2.16.840.1.101.3.4.1.42': 32,
};
const PKCS12: Record<string, ['3des' | 'rc2', number]> = {
  '1.2.840.113549.1.12.1.3': ['3des', 24],
  '1.2.840.113549.1.12.1.5': ['rc2', 16],
  '1.2.840.113549.1.12.1.6': ['rc2', 5],
};

/** Opens octets under an AlgorithmIdentifier. Throws WrongPassword, UnknownFormat, DerError. */
export async function unlock(algorithm: Element, octets: Octets, password: string): Promise<Octets> {
  const [name, parameters] = children(algorithm, TAG.sequence);
  const oid = oidOf(name);
  if (octets.length === 0) throw new DerError();
  if (oid === PBES2) return unlockPbes2(parameters, octets, password);
  const [salt, rounds] = children(parameters, TAG.sequence);
  const count = roundsOf(rounds);
  if (oid === SEED_CBC || oid === SEED_CBC_SHA1) {
    const key = await pbkdf1(password, octetsOf(salt), count);
    const iv = oid === SEED_CBC ? OLD_IV : (await digest('SHA-1', key.slice(16))).subarray(0, 16);
    return unpad(
      blocks(octets, 16, (whole) => seedCbcDecrypt(key.subarray(0, 16), iv, whole)),
      16,
    );
  }
  const known = PKCS12[oid];
  if (!known) throw new UnknownFormat(oid);
  const [cipher, length] = known;
  const key = await pkcs12Key(password, octetsOf(salt), count, 1, length, 'SHA-1');
  const iv = await pkcs12Key(password, octetsOf(salt), count, 2, 8, 'SHA-1');
  const decrypt = cipher === '3des' ? tripleDesCbcDecrypt : rc2CbcDecrypt;
  return unpad(
    blocks(octets, 8, (whole) => decrypt(key, iv, whole)),
    8,
  );
}

async function unlockPbes2(parameters: Element | undefined, octets: Octets, password: string): Promise<Octets> {
  const [derivation, scheme] = children(parameters, TAG.sequence);
  const [function_, details] = children(derivation, TAG.sequence);
  if (oidOf(function_) !== PBKDF2) throw new UnknownFormat(oidOf(function_));
  const [salt, rounds, ...rest] = children(details, TAG.sequence);
  const prf = rest.find((one) => one.tag === TAG.sequence);
  // RFC 8018 Appendix A.2: HMAC with SHA-1 where nothing is said.
  const hash = prf ? PRFS[oidOf(inside(prf)[0])] : 'SHA-1';
  const [cipher, vector] = children(scheme, TAG.sequence);
  const length = CIPHERS[oidOf(cipher)];
  if (!hash || !length) throw new UnknownFormat(oidOf(cipher));
  const secret = await crypto.subtle.importKey('raw', new TextEncoder().encode(password), 'PBKDF2', false, [
    'deriveBits',
  ]);
  const way = { name: 'PBKDF2', hash, salt: octetsOf(salt), iterations: roundsOf(rounds) };
  const key = new Uint8Array(await crypto.subtle.deriveBits(way, secret, length * 8));
  const iv = octetsOf(vector);
  if (oidOf(cipher) === SEED_CBC)
    return unpad(
      blocks(octets, 16, (whole) => seedCbcDecrypt(key, iv, whole)),
      16,
    );
  if (oidOf(cipher) === TRIPLE_DES)
    return unpad(
      blocks(octets, 8, (whole) => tripleDesCbcDecrypt(key, iv, whole)),
      8,
    );
  const aes = await crypto.subtle.importKey('raw', key, 'AES-CBC', false, ['decrypt']);
  try {
    return new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-CBC', iv }, aes, octets));
  } catch {
    throw new WrongPassword();
  }
}

function roundsOf(element: Element | undefined): number {
  const count = numberOf(element);
  if (count < 1 || count > MOST_ROUNDS) throw new DerError();
  return count;
}

function blocks(octets: Octets, size: number, decrypt: (whole: Octets) => Octets): Octets {
  if (octets.length % size !== 0) throw new DerError();
  return decrypt(octets);
}

function unpad(octets: Octets, size: number): Octets {
  const count = octets[octets.length - 1] ?? 0;
  const end = octets.length - count;
  if (count < 1 || count > size || octets.subarray(end).some((octet) => octet !== count)) throw new WrongPassword();
  return octets.subarray(0, end);
}

/** RFC 8018 §5.1 with SHA-1, all its 20 octets. */
export async function pbkdf1(password: string, salt: Octets, rounds: number): Promise<Octets> {
  const secret = new TextEncoder().encode(password);
  let found: Octets = new Uint8Array(secret.length + salt.length);
  found.set(secret);
  found.set(salt, secret.length);
  for (let round = 0; round < rounds; round += 1) found = await digest('SHA-1', found);
  return found;
}

/** RFC 7292 Appendix B.2. `purpose`: 1 a key, 2 an initial vector, 3 a key for the check. */
export async function pkcs12Key(
  password: string,
  salt: Octets,
  rounds: number,
  purpose: number,
  length: number,
  hash: string,
): Promise<Octets> {
  const block = hash === 'SHA-512' || hash === 'SHA-384' ? 128 : 64;
  // Characters of two octets, and a zero at the end.
  const secret = new Uint8Array(
    Array.from({ length: password.length + 1 }, (_, at) => password.charCodeAt(at) || 0).flatMap((unit) => [
      unit >>> 8,
      unit & 0xff,
    ]),
  );
  const filled = (text: Octets): number[] =>
    Array.from({ length: Math.ceil(text.length / block) * block }, (_, at) => text[at % text.length] ?? 0);
  const input = Uint8Array.from([...filled(salt), ...filled(secret)]);
  const found: number[] = [];
  while (found.length < length) {
    let a = await digest(hash, Uint8Array.from([...new Array<number>(block).fill(purpose), ...input]));
    for (let round = 1; round < rounds; round += 1) a = await digest(hash, a);
    found.push(...a);
    addToBlocks(input, a, block);
  }
  return Uint8Array.from(found.slice(0, length));
}

/** Step 6C: to every block of `input` add the stretched hash and one, without what flows over. */
function addToBlocks(input: Octets, hash: Octets, block: number): void {
  for (let start = 0; start < input.length; start += block) {
    let carry = 1;
    for (let at = block - 1; at >= 0; at -= 1) {
      carry += (input[start + at] ?? 0) + (hash[at % hash.length] ?? 0);
      input[start + at] = carry & 0xff;
      carry >>>= 8;
    }
  }
}
