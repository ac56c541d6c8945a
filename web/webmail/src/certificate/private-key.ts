/**
 * A private key once it is open: for signing through WebCrypto, and what KISA keeps beside it (the random number R).
 * Neither leaves this page. Standards: RFC 5958, RFC 8017; R: attribute 1.2.410.200004.10.1.1.3.
 */
import { children, DerError, expect, inside, octetsOf, oidOf, read, TAG, write } from './der.ts';
import { unlock, WrongPassword } from './unlocking.ts';

type Octets = Uint8Array<ArrayBuffer>;
const RSA = '1.2.840.113549.1.1.1';
const RANDOM = '1.2.410.200004.10.1.1.3';
const ATTRIBUTES = 0xa0;

export interface PrivateKey {
  sign(octets: Octets): Promise<Octets>;
  /** The modulus as the certificate holds it, to see that both belong together. */
  modulus: Octets;
  /** KISA's random number, where the file has one. */
  random: Octets | null;
}

/** Opens an EncryptedPrivateKeyInfo, or takes a PrivateKeyInfo that is not protected. */
export async function openKey(file: Octets, password: string): Promise<PrivateKey> {
  const [first, second] = children(read(file), TAG.sequence);
  if (first?.tag === TAG.integer) return readKey(file);
  const plain = await unlock(expect(first, TAG.sequence), octetsOf(second), password);
  try {
    return await readKey(plain);
  } catch (error) {
    // One wrong password of 256 leaves good padding behind, and no key before it.
    throw error instanceof DerError ? new WrongPassword() : error;
  }
}

export async function readKey(file: Octets): Promise<PrivateKey> {
  const [version, algorithm, key, ...rest] = children(read(file), TAG.sequence);
  if (oidOf(children(algorithm, TAG.sequence)[0]) !== RSA) throw new DerError();
  const attributes = rest.find((one) => one.tag === ATTRIBUTES);
  const numbers = children(read(octetsOf(key)), TAG.sequence);
  // Not every browser takes attributes with a key.
  const bare = write(
    TAG.sequence,
    expect(version, TAG.integer).whole,
    expect(algorithm, TAG.sequence).whole,
    expect(key, TAG.octets).whole,
  );
  const way = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  const imported = await crypto.subtle.importKey('pkcs8', bare, way, false, ['sign']).catch(() => {
    throw new DerError();
  });
  return {
    sign: async (octets) => new Uint8Array(await crypto.subtle.sign(way.name, imported, octets)),
    modulus: expect(numbers[1], TAG.integer).content,
    random: attributes ? randomOf(inside(attributes)) : null,
  };
}

function randomOf(attributes: ReturnType<typeof inside>): Octets | null {
  for (const attribute of attributes) {
    const [name, values] = children(attribute, TAG.sequence);
    if (oidOf(name) !== RANDOM) continue;
    const value = expect(children(values, TAG.set)[0], TAG.bits);
    return value.content.slice(1);
  }
  return null;
}
