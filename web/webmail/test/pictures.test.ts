import type { Email } from '@smartmail/jmap/types.ts';
import { expect, test } from 'vitest';
import { MOST_TRUSTED, showsPictures, withTrusted } from '../src/reading/pictures.ts';

const TRUSTED = ['@shop.example', 'kim@other.example'];

function mail(from: string, aligned: boolean | null | undefined, keywords = {}): Email {
  const inspection = aligned === null || aligned === undefined ? aligned : { aligned };
  return { id: 'm', from: [{ name: '', email: from }], keywords, inspection } as unknown as Email;
}

test.each([
  ['news@shop.example', true],
  ['News@SHOP.example', true],
  ['kim@other.example', true],
  ['lee@other.example', false],
  ['news@shop.example.evil.example', false],
  ['news@notshop.example', false],
])('pictures of %s are shown at once: %s', (from, shown) => {
  expect(showsPictures(mail(from, true), TRUSTED)).toBe(shown);
});

test('a trusted name that nothing proves shows nothing', () => {
  expect(showsPictures(mail('news@shop.example', false), TRUSTED)).toBe(false);
  // What was found out is not known yet, or not in reach.
  expect(showsPictures(mail('news@shop.example', undefined), TRUSTED)).toBe(false);
});

test('mail from within is proved by the login that it came with', () => {
  expect(showsPictures(mail('kim@other.example', null), TRUSTED)).toBe(true);
});

test.each(['$junk', '$phishing'])('mail with %s shows nothing, whoever sent it', (keyword) => {
  expect(showsPictures(mail('news@shop.example', true, { [keyword]: true }), TRUSTED)).toBe(false);
});

test('the list stays bounded, names each once, and the newest stays', () => {
  let list: string[] = [];
  for (let at = 0; at < MOST_TRUSTED + 5; at += 1) list = withTrusted(list, `@d${at}.example`);
  list = withTrusted(list, '@d7.example');
  expect(list).toHaveLength(MOST_TRUSTED);
  expect(list.at(-1)).toBe('@d7.example');
  expect(new Set(list).size).toBe(MOST_TRUSTED);
});
