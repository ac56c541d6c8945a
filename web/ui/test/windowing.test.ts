import { expect, test } from 'vitest';
import { keepPlace, MOST_ROWS, scrollToShow, visibleRange } from '../src/windowing.ts';

test('rows in sight and a few to spare', () => {
  expect(visibleRange(0, 400, 40, 100_000, 6)).toEqual({ first: 0, last: 17 });
  expect(visibleRange(2_000_000, 400, 40, 100_000, 6)).toEqual({ first: 49_994, last: 50_017 });
});

test('the end of the list is reached exactly', () => {
  expect(visibleRange(100_000 * 40 - 400, 400, 40, 100_000, 6).last).toBe(99_999);
});

test('an unstyled viewport as tall as the list never draws all of it', () => {
  const { first, last } = visibleRange(0, 4_000_000, 40, 100_000, 6);
  expect(last - first + 1).toBe(MOST_ROWS);
});

test('nothing to draw', () => {
  expect(visibleRange(0, 400, 40, 0, 6)).toEqual({ first: 0, last: -1 });
});

test('a scroll position beyond a list that shrank still shows its end', () => {
  const { first, last } = visibleRange(40_000, 400, 40, 10, 6);
  expect([first <= 9, last]).toEqual([true, 9]);
});

test('showing a row moves as little as possible', () => {
  expect(scrollToShow(5, 0, 400, 40)).toBe(0);
  expect(scrollToShow(10, 0, 400, 40)).toBe(40);
  expect(scrollToShow(3, 200, 400, 40)).toBe(120);
});

test('rows added above push a reader down, but not one at the top', () => {
  expect(keepPlace(400, 3, 40)).toBe(520);
  expect(keepPlace(0, 3, 40)).toBe(0);
});
