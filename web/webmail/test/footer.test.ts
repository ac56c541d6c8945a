import { expect, test } from 'vitest';
import { carriesFooter, type Footer } from '../src/writing/footer.ts';

const footer: Footer = { where: 'outside', text: '이 메일은\n대외비입니다.', once: true };
const letter = { outside: true, addressed: true, words: '안녕하세요' };

test.each([
  ['outside', true, true],
  ['outside', false, false],
  ['inside', true, false],
  ['inside', false, true],
  ['all', false, true],
] as const)('%s, to somebody outside: %s', (where, outside, expected) => {
  expect(carriesFooter({ ...footer, where }, { ...letter, outside })).toBe(expected);
});

test('once in a conversation, however it was quoted', () => {
  const words = '네\n> 안녕하세요\n> 이 메일은 대외비\n> 입니다.';
  expect(carriesFooter(footer, { ...letter, words })).toBe(false);
  expect(carriesFooter({ ...footer, once: false }, { ...letter, words })).toBe(true);
});

test('a letter to nobody yet shows only what all mail carries', () => {
  expect(carriesFooter({ ...footer, where: 'inside' }, { ...letter, outside: false, addressed: false })).toBe(false);
  expect(carriesFooter({ ...footer, where: 'all' }, { ...letter, addressed: false })).toBe(true);
});
