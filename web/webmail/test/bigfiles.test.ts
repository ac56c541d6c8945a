import { expect, test } from 'vitest';
import { keptWords, readKept } from '../src/bigfiles/draft-header.ts';
import { countriesOf, networksOf } from '../src/bigfiles/places.ts';

test('what a draft says of its big files comes back as it was', () => {
  const bare = { countries: [], networks: [], coded: false, viewOnly: false, each: false };
  const kept = { ids: ['0a1b', 'ff-00_x'], days: 3, downloads: 0, locked: true, ...bare };
  expect(readKept(keptWords(kept))).toEqual(kept);
  expect(readKept(keptWords({ ...kept, locked: false }))).toEqual({ ...kept, locked: false });
  const narrow = {
    coded: true,
    viewOnly: true,
    each: true,
    countries: ['KR', 'JP'],
    networks: ['203.0.113.0/24', '2001:db8::/32'],
  };
  expect(readKept(keptWords({ ...kept, ...narrow }))).toEqual({ ...kept, ...narrow });
  // A header may be folded on its way.
  expect(readKept(` ${keptWords(kept).replaceAll(' ', '\r\n ')}`)).toEqual(kept);
});

test.each(['', 'nonsense', '<script>; days=1'])('what is none of ours names no file: %s', (words) => {
  expect(readKept(words).ids).toEqual([]);
});

test('places are read as people type them, and what is none is told', () => {
  expect(countriesOf('kr, JP  kr')).toEqual(['KR', 'JP']);
  expect(countriesOf('')).toEqual([]);
  expect(countriesOf('한국')).toBeNull();
  expect(networksOf('203.0.113.0/24,2001:db8::/32 198.51.100.7')).toEqual([
    '203.0.113.0/24',
    '2001:db8::/32',
    '198.51.100.7',
  ]);
  expect(networksOf('사무실')).toBeNull();
});
