/**
 * Triple DES (FIPS 46-3) for decryption in CBC: what PKCS #12 files hid their keys under for twenty years. Bits are lists of
 * numbers from 0 to 1, which is slow and plain: such a file has a few thousand octets.
 */
const split = (text: string): number[] => text.split(' ').map(Number);
const INITIAL = [58, 60, 62, 64, 57, 59, 61, 63].flatMap((from) => Array.from({ length: 8 }, (_, at) => from - 8 * at));
const FINAL = INITIAL.map((_, at) => INITIAL.indexOf(at + 1) + 1);
const EXPANSION = Array.from({ length: 48 }, (_, at) => ((Math.floor(at / 6) * 4 + (at % 6) + 31) % 32) + 1);
const PERMUTATION = split('16 7 20 21 29 12 28 17 1 15 23 26 5 18 31 10 2 8 24 14 32 27 3 9 19 13 30 6 22 11 4 25');
const CHOICE_1 = split(
  '57 49 41 33 25 17 9 1 58 50 42 34 26 18 10 2 59 51 43 35 27 19 11 3 60 52 44 36 ' +
    '63 55 47 39 31 23 15 7 62 54 46 38 30 22 14 6 61 53 45 37 29 21 13 5 28 20 12 4',
);
const CHOICE_2 = split(
  '14 17 11 24 1 5 3 28 15 6 21 10 23 19 12 4 26 8 16 7 27 20 13 2 ' +
    '41 52 31 37 47 55 30 40 51 45 33 48 44 49 39 56 34 53 46 42 50 36 29 32',
);
const SHIFTS = split('1 1 2 2 2 2 2 2 1 2 2 2 2 2 2 1');
/** S1 to S8, four rows of sixteen each, as hexadecimal digits. */
const BOXES = [
  'e4d12fb83a6c59070f74e2d1a6cb953841e8d62bfc973a50fc8249175b3ea06d',
  'f18e6b34972dc05a3d47f28ec01a69b50e7ba4d158c6932fd8a13f42b67c05e9',
  'a09e63f51dc7b428d709346a285ecbf1d6498f30b12c5ae71ad069874fe3b52c',
  '7de3069a1285bc4fd8b56f03472c1ae9a690cb7df13e52843f06a1d8945bc72e',
  '2c417ab6853fd0e9eb2c47d150fa3986421bad78f9c5630eb8c71e2d6f09a453',
  'c1af92680d34e75baf427c9561de0b389ef528c3704a1db6432c95fabe17608d',
  '4b2ef08d3c975a61d0b7491ae35c2f8614bdc37eaf6805926bd814a7950fe23c',
  'd2846fb1a93e50c71fd8a374c56b0e927b419ce206adf35821e74a8dfc90356b',
];
const BLOCK = 8;

type Bits = number[];
const bitsOf = (octets: Uint8Array): Bits => Array.from(octets, (octet) => octet).flatMap((octet) => word(octet, 8));
const word = (value: number, length: number): Bits =>
  Array.from({ length }, (_, at) => (value >> (length - 1 - at)) & 1);
const number = (bits: Bits): number => bits.reduce((total, bit) => total * 2 + bit, 0);
const pick = (bits: Bits, places: number[]): Bits => places.map((place) => bits[place - 1] ?? 0);
const xor = (one: Bits, other: Bits): Bits => one.map((bit, at) => bit ^ (other[at] ?? 0));

function roundKeys(key: Uint8Array): Bits[] {
  let chosen = pick(bitsOf(key), CHOICE_1);
  return SHIFTS.map((shift) => {
    const turn = (half: Bits): Bits => [...half.slice(shift), ...half.slice(0, shift)];
    chosen = [...turn(chosen.slice(0, 28)), ...turn(chosen.slice(28))];
    return pick(chosen, CHOICE_2);
  });
}

function f(right: Bits, key: Bits): Bits {
  const mixed = xor(pick(right, EXPANSION), key);
  const found = BOXES.flatMap((box, at) => {
    const six = mixed.slice(6 * at, 6 * at + 6);
    const row = number([six[0] ?? 0, six[5] ?? 0]);
    return word(parseInt(box.charAt(16 * row + number(six.slice(1, 5))), 16), 4);
  });
  return pick(found, PERMUTATION);
}

function des(block: Bits, keys: Bits[]): Bits {
  const start = pick(block, INITIAL);
  let [left, right] = [start.slice(0, 32), start.slice(32)];
  for (const key of keys) [left, right] = [right, xor(left, f(right, key))];
  return pick([...right, ...left], FINAL);
}

/** CBC; the padding still stands at the end. `key` has 24 octets, `octets` are whole blocks. */
export function tripleDesCbcDecrypt(key: Uint8Array, iv: Uint8Array, octets: Uint8Array): Uint8Array<ArrayBuffer> {
  const [first = [], second = [], third = []] = [0, 8, 16].map((at) => roundKeys(key.subarray(at, at + 8)));
  const backwards = [third.toReversed(), second, first.toReversed()];
  const plain = new Uint8Array(octets.length);
  for (let at = 0; at < octets.length; at += BLOCK) {
    const bits = backwards.reduce(des, bitsOf(octets.subarray(at, at + BLOCK)));
    const before = at === 0 ? iv : octets.subarray(at - BLOCK, at);
    before.forEach((octet, index) => (plain[at + index] = octet ^ number(bits.slice(8 * index, 8 * index + 8))));
  }
  return plain;
}
