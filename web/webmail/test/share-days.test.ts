/** The last day of a share and the moment at which it ends are two words for the same. */
import { expect, test } from 'vitest';
import { endOf, lastDay } from '../src/sharing/share-days.ts';

test.each(['2026-09-30', '2026-12-31', '2028-02-28', '2028-02-29'])('%s ends when the day does', (day) => {
  const ends = endOf(day);
  expect(ends).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  expect(lastDay(ends ?? undefined)).toBe(day);
  // The moment before belongs to the day, the moment itself to the next.
  const moment = new Date(Date.parse(ends ?? ''));
  expect([moment.getHours(), moment.getMinutes()]).toEqual([0, 0]);
});

test('no day is no end', () => {
  expect(endOf('')).toBeNull();
  expect(lastDay(undefined)).toBe('');
});
