import { expect, test } from 'vitest';
import { share, usual } from '../src/body/fit.ts';

test('the size of most characters counts, not that of most elements', () => {
  const texts = new Map([
    ['title', { size: 28, characters: 20 }],
    ['text', { size: 14, characters: 600 }],
    ['foot', { size: 11, characters: 90 }],
    ['more foot', { size: 11, characters: 200 }],
  ]);
  expect(usual(texts)).toBe(14);
  expect(usual(new Map())).toBe(12);
});

test('cells share a narrow row as they shared the wide one', () => {
  expect([share(100, 600), share(500, 600), share(3, 0)]).toEqual([16.7, 83.3, 0]);
});
