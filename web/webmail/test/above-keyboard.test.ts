/** What a keyboard of the glass hides. */
import { expect, it } from 'vitest';
import { hiddenBy } from '../src/touch/above-keyboard.ts';

it('is nothing without a keyboard, or where the page became smaller for it', () => {
  expect(hiddenBy({ height: 740, offsetTop: 0 }, 740)).toEqual([0, 0]);
  expect(hiddenBy({ height: 420.4, offsetTop: 0 }, 420)).toEqual([0, 0]);
});

it('is the part below the sight, less what the page was pushed up', () => {
  expect(hiddenBy({ height: 420, offsetTop: 0 }, 740)).toEqual([0, 320]);
  expect(hiddenBy({ height: 420, offsetTop: 120 }, 740)).toEqual([120, 200]);
  expect(hiddenBy({ height: 420, offsetTop: 400 }, 740)).toEqual([400, 0]);
});
