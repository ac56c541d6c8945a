import { expect, test } from 'vitest';
import type { Signature } from '../src/app/preferences.ts';
import { fitting } from '../src/writing/signing.ts';

const one = (id: string, more: Partial<Signature> = {}): Signature => ({
  id,
  name: id,
  html: `<p>${id}</p>`,
  text: id,
  forNew: true,
  forAnswers: false,
  identityId: null,
  where: 'any',
  ...more,
});

test.each([
  [{ answer: false, outside: false, identityId: 'i1' }, 'usual'],
  [{ answer: false, outside: true, identityId: 'i1' }, 'outside'],
  [{ answer: true, outside: true, identityId: 'i1' }, 'short'],
  [{ answer: false, outside: true, identityId: 'i2' }, 'team'],
])('%j is signed by %s', (occasion, expected) => {
  const all = [
    one('usual'),
    one('outside', { where: 'outside' }),
    one('short', { forNew: false, forAnswers: true }),
    one('team', { identityId: 'i2' }),
  ];
  expect(fitting(all, occasion)?.id).toBe(expected);
});

test('nothing fits, nothing is put', () => {
  expect(fitting([one('a', { forNew: false })], { answer: false, outside: false, identityId: null })).toBeNull();
});
