import { expect, test } from 'vitest';
import { keptWords, readKept } from '../src/bigfiles/keeping.ts';

test('what a draft says of its big files comes back as it was', () => {
  const kept = { ids: ['0a1b', 'ff-00_x'], days: 3, downloads: 0, locked: true };
  expect(readKept(keptWords(kept))).toEqual(kept);
  expect(readKept(keptWords({ ...kept, locked: false }))).toEqual({ ...kept, locked: false });
  // A header may be folded on its way.
  expect(readKept(` ${keptWords(kept).replaceAll(' ', '\r\n ')}`)).toEqual(kept);
});

test.each(['', 'nonsense', '<script>; days=1'])('what is none of ours names no file: %s', (words) => {
  expect(readKept(words).ids).toEqual([]);
});
