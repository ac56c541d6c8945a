import { expect, test } from 'vitest';
import { isWhole, moved, shownMoment, typedMoment, weeksOf, weekStart } from '../src/typed-date.ts';

const TODAY = '2026-11-27';

test.each([
  ['2026-12-07', '2026-12-07'],
  ['2026. 12. 7.', '2026-12-07'],
  ['2026. 12. 7. (월)', '2026-12-07'],
  ['2026년 12월 7일', '2026-12-07'],
  ['2026/12/7（月）', '2026-12-07'],
  ['20261207', '2026-12-07'],
  ['12/7', '2026-12-07'],
  ['12월 7일', '2026-12-07'],
  // Without a year the next one is meant.
  ['1/5', '2027-01-05'],
  ['2026-02-30', null],
  ['2026-13-01', null],
  ['내일쯤', null],
])('day %s', (typed, day) => {
  expect(typedMoment(typed, 'date', TODAY)).toBe(day);
});

test.each([
  ['09:30', '09:30'],
  ['9:30', '09:30'],
  ['930', '09:30'],
  ['1530', '15:30'],
  ['15', '15:00'],
  ['오후 3시', '15:00'],
  ['오후 3시 30분', '15:30'],
  ['오전 12:05', '00:05'],
  ['3pm', '15:00'],
  ['12am', '00:00'],
  ['午後3時', '15:00'],
  ['24:00', null],
  ['오후 15:00', null],
  ['9:75', null],
])('hour %s', (typed, time) => {
  expect(typedMoment(typed, 'time', TODAY)).toBe(time);
});

test('a moment without an hour keeps the hour that was there', () => {
  expect(typedMoment('2026-12-07T09:30', 'datetime-local', TODAY)).toBe('2026-12-07T09:30');
  expect(typedMoment('12/7 오후 2시', 'datetime-local', TODAY)).toBe('2026-12-07T14:00');
  expect(typedMoment('12/7', 'datetime-local', TODAY, '18:30')).toBe('2026-12-07T18:30');
});

test('what a field shows is read again, in every language', () => {
  for (const language of ['ko', 'en', 'ja', 'zh-Hans', 'zh-Hant']) {
    const shown = shownMoment('2026-12-07T09:30', 'datetime-local', language);
    expect(typedMoment(shown, 'datetime-local', TODAY), shown).toBe('2026-12-07T09:30');
  }
  expect(shownMoment('2026-12-07', 'date', 'ko')).toBe('2026. 12. 7. (월)');
});

test('half of a date does not count while it is typed', () => {
  expect(isWhole('12/7', 'date')).toBe(false);
  expect(isWhole('2026-12-07', 'date')).toBe(true);
  expect(isWhole('2', 'time')).toBe(false);
  expect(isWhole('2026-12-07', 'datetime-local')).toBe(false);
  expect(isWhole('2026-12-07T09:30', 'datetime-local')).toBe(true);
});

test('months of other lengths, leap years, the week of Korea', () => {
  expect(moved('2026-01-31', 0, 1)).toBe('2026-02-28');
  expect(moved('2028-02-28', 1)).toBe('2028-02-29');
  expect(moved('2026-12-31', 1)).toBe('2027-01-01');
  expect(weekStart('ko')).toBe(0);
  const weeks = weeksOf('2026-12-07', 0);
  expect(weeks[0]?.[0]).toBe('2026-11-29');
  expect(weeks.at(-1)?.at(-1)).toBe('2027-01-02');
  expect(weeks).toHaveLength(5);
});
