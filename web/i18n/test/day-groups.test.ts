import { expect, test } from 'vitest';
import { groupOf } from '../src/day-groups.ts';

/** A Thursday. */
const TODAY = '2026-12-03';

test.each([
  ['2026-12-03', 'today'],
  ['2026-12-04', 'today'],
  ['2026-12-02', 'yesterday'],
  ['2026-12-01', 'thisWeek'],
  ['2026-11-30', 'thisWeek'],
  ['2026-11-29', 'lastWeek'],
  ['2026-11-23', 'lastWeek'],
  ['2026-11-22', '2026-11'],
  ['2026-11-01', '2026-11'],
  ['2025-12-31', '2025-12'],
])('%s is of %s', (day, group) => {
  expect(groupOf(day, TODAY)).toBe(group);
});

test('on a Monday yesterday is yesterday, and the days before it are last week', () => {
  expect(groupOf('2026-11-29', '2026-11-30')).toBe('yesterday');
  expect(groupOf('2026-11-28', '2026-11-30')).toBe('lastWeek');
  expect(groupOf('2026-11-22', '2026-11-30')).toBe('2026-11');
});

test('on a Sunday the week is six days old', () => {
  expect(groupOf('2026-11-30', '2026-12-06')).toBe('thisWeek');
  expect(groupOf('2026-11-29', '2026-12-06')).toBe('lastWeek');
});

test('a new year begins no new week', () => {
  expect(groupOf('2026-12-31', '2027-01-02')).toBe('thisWeek');
  expect(groupOf('2026-12-24', '2027-01-02')).toBe('lastWeek');
});
