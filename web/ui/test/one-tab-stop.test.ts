import { expect, test } from 'vitest';
import { stepIn } from '../src/one-tab-stop.ts';

test('arrows walk a toolbar round, Home and End go to its ends', () => {
  expect(stepIn('ArrowRight', 0, 3)).toBe(1);
  expect(stepIn('ArrowRight', 2, 3)).toBe(0);
  expect(stepIn('ArrowLeft', 0, 3)).toBe(2);
  expect(stepIn('Home', 2, 3)).toBe(0);
  expect(stepIn('End', 0, 3)).toBe(2);
});

test('other keys are not the toolbar’s, and an empty one has none', () => {
  for (const key of ['ArrowDown', 'Tab', 'Enter', 'a']) expect(stepIn(key, 1, 3)).toBeNull();
  expect(stepIn('ArrowRight', 0, 0)).toBeNull();
});
