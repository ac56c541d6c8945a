import { expect, test } from 'vitest';
import {
  hasHead,
  heightOf,
  keepPlace,
  keepRow,
  type Layout,
  learnHeads,
  MOST_ROWS,
  rowAt,
  scrollToShow,
  shiftHeads,
  topOf,
  visibleRange,
} from '../src/windowing.ts';

const plain: Layout = { row: 40, head: 0, heads: [] };
/** Today three rows, yesterday seven, then the rest. */
const days: Layout = { row: 40, head: 30, heads: [0, 3, 10] };

test('rows in sight and a few to spare', () => {
  expect(visibleRange(0, 400, plain, 100_000, 6)).toEqual({ first: 0, last: 17 });
  expect(visibleRange(2_000_000, 400, plain, 100_000, 6)).toEqual({ first: 49_994, last: 50_017 });
});

test('the end of the list is reached exactly', () => {
  expect(visibleRange(100_000 * 40 - 400, 400, plain, 100_000, 6).last).toBe(99_999);
  const end = heightOf(100_000, days);
  expect(end).toBe(100_000 * 40 + 3 * 30);
  expect(visibleRange(end - 400, 400, days, 100_000, 6).last).toBe(99_999);
  expect(topOf(99_999, days) + 40).toBe(end);
});

test('an unstyled viewport as tall as the list never draws all of it', () => {
  const { first, last } = visibleRange(0, 4_000_000, plain, 100_000, 6);
  expect(last - first + 1).toBe(MOST_ROWS);
});

test('nothing to draw', () => {
  expect(visibleRange(0, 400, plain, 0, 6)).toEqual({ first: 0, last: -1 });
});

test('a scroll position beyond a list that shrank still shows its end', () => {
  const { first, last } = visibleRange(40_000, 400, days, 10, 6);
  expect([first <= 9, last]).toEqual([true, 9]);
});

test('showing a row moves as little as possible', () => {
  expect(scrollToShow(5, 0, 400, plain)).toBe(0);
  expect(scrollToShow(10, 0, 400, plain)).toBe(40);
  expect(scrollToShow(3, 200, 400, plain)).toBe(120);
});

test('a row that comes into sight from below brings its head along', () => {
  expect(scrollToShow(3, 400, 400, days)).toBe(3 * 40 + 30);
  expect(scrollToShow(0, 400, 400, days)).toBe(0);
  expect(scrollToShow(4, 400, 400, days)).toBe(4 * 40 + 2 * 30);
});

test('every place of the list belongs to the row that is drawn there', () => {
  for (let index = 0; index < 14; index += 1) {
    const top = topOf(index, days);
    expect(rowAt(top, days)).toBe(index);
    expect(rowAt(top + 39, days)).toBe(index);
    if (hasHead(index, days.heads)) expect(rowAt(top - 30, days)).toBe(index);
    expect(topOf(index + 1, days) - top).toBe(hasHead(index + 1, days.heads) ? 70 : 40);
  }
  expect([0, 1, 3, 9, 10].map((index) => hasHead(index, days.heads))).toEqual([true, false, true, false, true]);
});

test('rows added above push a reader down, but not one at the top', () => {
  expect(keepPlace(400, 3, 40)).toBe(520);
  expect(keepPlace(0, 3, 40)).toBe(0);
});

test('a head that comes to be known above leaves the first row in sight where it is', () => {
  const before: Layout = { ...days, heads: [0, 10] };
  const scrollTop = topOf(8, before) + 12;
  const now = keepRow(scrollTop, before, days);
  expect(now - topOf(8, days)).toBe(12);
  // One below it moves nothing that is in sight above it.
  expect(keepRow(scrollTop, before, { ...before, heads: [0, 10, 12] })).toBe(scrollTop);
  // The first head of all pushes nobody who is at the very top.
  expect(keepRow(0, { ...days, heads: [] }, days)).toBe(0);
});

test('another height of rows leaves the first row in sight the first', () => {
  const now = { ...days, row: 72 };
  expect(rowAt(keepRow(topOf(500, days), days, now), now)).toBe(500);
});

test('heads are learned of rows that are known, each with the row before it', () => {
  const groups = ['a', 'a', 'a', 'b', 'b', undefined, undefined, 'c', 'd', 'd'];
  const groupAt = (index: number): string | undefined => groups[index];
  expect(learnHeads([], { first: 0, last: 9 }, groupAt)).toEqual([0, 3, 8]);
  // Row 7 may begin a group or not: it is as it was.
  expect(learnHeads([7], { first: 0, last: 9 }, groupAt)).toEqual([0, 3, 7, 8]);
  // What lies outside of the rows that were looked at stays; what is there is corrected.
  expect(learnHeads([0, 4, 400], { first: 2, last: 5 }, groupAt)).toEqual([0, 3, 400]);
});

test('a list that shrank above the rows that were looked at has each head once', () => {
  expect(learnHeads([0, 20, 60], { first: 50, last: 9 }, () => 'a')).toEqual([0, 20, 60]);
});

test('nothing new is the same array, so that nothing is laid out anew', () => {
  const known = [0, 3];
  const group = (index: number): string => (index < 3 ? 'a' : 'b');
  expect(learnHeads(known, { first: 0, last: 9 }, group)).toBe(known);
});

test('heads go along with rows that are put in above', () => {
  expect(shiftHeads([0, 3, 10], 2)).toEqual([2, 5, 12]);
  expect(shiftHeads([0, 3, 10], -2)).toEqual([1, 8]);
});
