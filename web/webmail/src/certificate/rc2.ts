/**
 * RC2 (RFC 2268) for decryption in CBC: old PKCS #12 files hide their certificates, never their keys, under 40 bits of it.
 */
import { fromHex } from './octets.ts';

const TABLE = fromHex(
  'd978f9c419ddb5ed28e9fd794aa0d89dc67e37832b76538e624c6488448bfba2179a59f587b34f1361456d8d09817d32bd8f40eb86b7' +
    '7b0bf09521225c6b4e8254d66593ce60b21c7356c014a78cf1dc1275ca1f3bbee4d1423dd430a33cb6266fbf0eda4669075727f21d9b' +
    'bc944303f811c7f690ef3ee706c3d52fc8661ed708e8eade8052eef784aa72ac354d6a2a961ad2715a1549744b9fd05e0418a4ecc2e0' +
    '416e0f51cbcc2491af50a1f47039997c3a8523b8b47afc02365b255597312d5dfa98e38a92ae05df2910676cbac9d300e6cfe19ea82c' +
    '6316013f58e289a90d38341bab33ffb0bb480c5fb9b1cd2ec5f3db47e5a59c770aa62068fe7fc1ad',
);
const BLOCK = 8;

/** RFC 2268 §2: 64 words of 16 bits; `key` is as long as its effective bits say. */
function expand(key: Uint8Array): Uint16Array {
  const wide = new Uint8Array(128);
  wide.set(key);
  const at = (index: number): number => wide[index] ?? 0;
  const turned = (index: number): number => TABLE[index & 0xff] ?? 0;
  for (let i = key.length; i < 128; i += 1) wide[i] = turned(at(i - 1) + at(i - key.length));
  wide[128 - key.length] = turned(at(128 - key.length));
  for (let i = 127 - key.length; i >= 0; i -= 1) wide[i] = turned(at(i + 1) ^ at(i + key.length));
  return Uint16Array.from({ length: 64 }, (_, i) => at(2 * i) | (at(2 * i + 1) << 8));
}

const SHIFTS = [1, 2, 3, 5];

function decryptBlock(words: Uint16Array, block: DataView): number[] {
  const r = [0, 2, 4, 6].map((at) => block.getUint16(at, true));
  const of = (index: number): number => r[index & 3] ?? 0;
  for (let round = 15, j = 63; round >= 0; round -= 1) {
    for (let i = 3; i >= 0; i -= 1, j -= 1) {
      const shift = SHIFTS[i] ?? 0;
      const turned = ((of(i) >>> shift) | (of(i) << (16 - shift))) & 0xffff;
      r[i] = (turned - (words[j] ?? 0) - (of(i + 3) & of(i + 2)) - (~of(i + 3) & of(i + 1))) & 0xffff;
    }
    if (round === 5 || round === 11) {
      for (let i = 3; i >= 0; i -= 1) r[i] = (of(i) - (words[of(i + 3) & 63] ?? 0)) & 0xffff;
    }
  }
  return r.flatMap((word) => [word & 0xff, word >>> 8]);
}

/** CBC; the padding still stands at the end. */
export function rc2CbcDecrypt(key: Uint8Array, iv: Uint8Array, octets: Uint8Array): Uint8Array<ArrayBuffer> {
  const words = expand(key);
  const plain = new Uint8Array(octets.length);
  for (let at = 0; at < octets.length; at += BLOCK) {
    const before = at === 0 ? iv : octets.subarray(at - BLOCK, at);
    const block = decryptBlock(words, new DataView(octets.buffer, octets.byteOffset + at, BLOCK));
    block.forEach((octet, index) => (plain[at + index] = octet ^ (before[index] ?? 0)));
  }
  return plain;
}
