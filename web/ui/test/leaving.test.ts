import { expect, test } from 'vitest';
import { stoodAt } from '../src/leaving.ts';

test('each row comes from where it stood before the others left', () => {
  // Rows 0…6 without 1, 2 and 4: what stands now are 0, 3, 5, 6.
  expect([0, 1, 2, 3].map((index) => stoodAt(index, [1, 2, 4]))).toEqual([0, 3, 5, 6]);
  expect(stoodAt(7, [])).toBe(7);
  expect(stoodAt(0, [0])).toBe(1);
});
