/**
 * SEED, the block cipher of the Korean certificate authorities' key files (RFC 4269), for decryption in CBC only: no
 * browser has it. Blocks of 16 octets, keys of 16. Speed is no aim: a key file has some 1,300 octets.
 */
import { fromHex } from './octets.ts';

const S1 = fromHex(
  'a985d6d3541dac255d43181e51fcca632844209de0e2c817a58f037bbb13d2ee708c3fa832ddf674ec950b575c5bbd01241c739810cc' +
    'f2d92ce772839bd186c96050a3eb0db69e4fb75ac678a612afd561c3b441527d8d081f9900190453f7e1fd762f27b08b0eaba26e934d' +
    '697c090abfeff3c58714fe64de2e4b1a06216b6602f5928a0cb37ed07a4796e52680addfa13037ae36152238f4a7454c81e9849735cb' +
    'ce3c7111c78975fbdaf8945982c4ff493967c0cfd7b80f8e4223916cdba434f148c26f3d2d40be3ebcc1aaba4e553bdc687f9cd84a56' +
    '77a0ed46b52b65fae3b9b19f5ef9e6b231ea6d5fe4f0cd88163a58d462290733e81b0579906a2a9a',
);
const S2 = fromHex(
  '38e82da6cfdeb3b8af6055c7446f6b5bc36233b529a0e2a7d39111061cbc364bef886ca817c416f4c245e1d63f3d8e98284ef63ea5f9' +
    '0ddfd82b667a272ff17242d441c07367ac8bf7ad801fca2caa34d20beee95d9418f857ae08c513cd86b9ff7dc131f58a6ab1d120d702' +
    '2204687107db9d9961bee659dd5190dc9aa3abd0810f471ae3ec8dbf967b5ca2a163234dc89e9c3a0c2eba6e9f5af292f34978cc15fb' +
    '70757f351003646dc674d5b4ea097619fe4012e0bd05fa01f02a5ea956438514899bb0e5487997fc1e82218c1b5f7754b21d254f0046' +
    'ed5852eb7edac9fd3095653cb6e4bb7c0e5039263284699337e724a4cb530a87d94c838fce3b4ab7',
);
/** RFC 4269 §2.2: which bits of an S-box's output go where. */
const MASKS = [0xfc, 0xf3, 0xcf, 0x3f];
const BLOCK = 16;

function g(word: number): number {
  const found = [0, 1, 2, 3].map((at) => (at % 2 === 0 ? S1 : S2)[(word >>> (8 * at)) & 0xff] ?? 0);
  let result = 0;
  for (let to = 0; to < 4; to += 1) {
    let octet = 0;
    for (let at = 0; at < 4; at += 1) octet ^= (found[at] ?? 0) & (MASKS[(at + to) % 4] ?? 0);
    result |= octet << (8 * to);
  }
  return result >>> 0;
}

/** RFC 4269 §2.3: sixteen pairs of round keys. */
function roundKeys(key: Uint8Array): [number, number][] {
  const view = new DataView(key.buffer, key.byteOffset, BLOCK);
  let [a, b, c, d] = [view.getUint32(0), view.getUint32(4), view.getUint32(8), view.getUint32(12)];
  const golden = 0x9e3779b9;
  const keys: [number, number][] = [];
  for (let round = 0; round < 16; round += 1) {
    const constant = (golden << round) | (round === 0 ? 0 : golden >>> (32 - round));
    keys.push([g(a + c - constant), g(b - d + constant)]);
    if (round % 2 === 0) [a, b] = [(a >>> 8) | (b << 24), (b >>> 8) | (a << 24)];
    else [c, d] = [(c << 8) | (d >>> 24), (d << 8) | (c >>> 24)];
  }
  return keys;
}

function decryptBlock(keys: [number, number][], block: DataView): Uint8Array {
  let [l0, l1, r0, r1] = [block.getUint32(0), block.getUint32(4), block.getUint32(8), block.getUint32(12)];
  for (const [k0, k1] of keys.toReversed()) {
    const c = r0 ^ k0;
    const first = g(c ^ r1 ^ k1);
    const second = g(first + c);
    const third = g(second + first);
    [l0, l1, r0, r1] = [r0, r1, l0 ^ (third + second), l1 ^ third];
  }
  const result = new DataView(new ArrayBuffer(BLOCK));
  [r0, r1, l0, l1].forEach((word, at) => result.setUint32(4 * at, word));
  return new Uint8Array(result.buffer);
}

/** One block, without chaining: what the known answers of RFC 4269 test. */
export function seedDecrypt(key: Uint8Array, block: Uint8Array): Uint8Array {
  return decryptBlock(roundKeys(key), new DataView(block.buffer, block.byteOffset, BLOCK));
}

/** CBC; the padding still stands at the end. `octets` are whole blocks. */
export function seedCbcDecrypt(key: Uint8Array, iv: Uint8Array, octets: Uint8Array): Uint8Array<ArrayBuffer> {
  const keys = roundKeys(key);
  const plain = new Uint8Array(octets.length);
  for (let at = 0; at < octets.length; at += BLOCK) {
    const before = at === 0 ? iv : octets.subarray(at - BLOCK, at);
    const block = decryptBlock(keys, new DataView(octets.buffer, octets.byteOffset + at, BLOCK));
    block.forEach((octet, index) => (plain[at + index] = octet ^ (before[index] ?? 0)));
  }
  return plain;
}
