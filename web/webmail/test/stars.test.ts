import { applyChange, inverse } from '@smartmail/jmap/change.ts';
import type { EmailRow } from '@smartmail/jmap/types.ts';
import { expect, test } from 'vitest';
import { paintOf, STAR_COLOURS, starKeywords, starOf } from '../src/app/stars.ts';

const plainMail = { id: 'm', keywords: {}, mailboxIds: {} } as unknown as EmailRow;

test.each(STAR_COLOURS)('a %s star put over any other is that star, and leads back to the other', (colour) => {
  for (const before of [null, ...STAR_COLOURS]) {
    const mail = applyChange(plainMail, { keywords: starKeywords(before) });
    const change = { keywords: starKeywords(colour) };
    const after = applyChange(mail, change);
    expect(starOf(after)).toBe(colour);
    expect(starOf(applyChange(after, inverse(change, mail)))).toBe(before);
  }
});

test('the bits are those that other programs set', () => {
  expect(starOf({ keywords: { $flagged: true, $mailflagbit2: true } })).toBe('blue');
  expect(starOf({ keywords: { $flagged: true, $mailflagbit0: true, $mailflagbit1: true } })).toBe('green');
  expect(starOf({ keywords: { $mailflagbit2: true } })).toBeNull();
  const all = { $flagged: true, $mailflagbit0: true, $mailflagbit1: true, $mailflagbit2: true } as const;
  expect(starOf({ keywords: all })).toBe('plain');
});

test('a star that is taken away leaves no colour behind for the next one', () => {
  const mail = applyChange(plainMail, { keywords: starKeywords('grey') });
  const bare = applyChange(mail, { keywords: starKeywords(null) });
  expect(Object.values(bare.keywords).some(Boolean)).toBe(false);
});

test('every colour is painted otherwise', () => {
  expect(new Set(STAR_COLOURS.map(paintOf)).size).toBe(STAR_COLOURS.length);
});
