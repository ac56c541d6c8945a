import { expect, test } from 'vitest';
import { onThatDay } from '../src/invitation/same-day.ts';

const seoul = (at: Date): string => new Date(at.getTime() + 9 * 3_600_000).toISOString().slice(0, 10);
const moment = (utc: string) => ({ written: utc, zone: 'UTC', utc });
const other = (title: string, start: string, end: string) => ({ title, start, end, answer: 'accepted' as const });
const meeting = { start: moment('2026-12-01T01:00:00Z'), end: moment('2026-12-01T02:00:00Z') };

test('only what is on the same day of the reader, and what is at the same time is marked', () => {
  const close = [
    other('the evening before', '2026-11-30T12:00:00Z', '2026-11-30T15:00:00Z'),
    other('over midnight', '2026-11-30T14:00:00Z', '2026-11-30T16:00:00Z'),
    other('until it begins', '2026-12-01T00:00:00Z', '2026-12-01T01:00:00Z'),
    other('into it', '2026-12-01T00:30:00Z', '2026-12-01T01:30:00Z'),
    other('around it', '2026-12-01T00:00:00Z', '2026-12-01T08:00:00Z'),
    other('from its end', '2026-12-01T02:00:00Z', '2026-12-01T03:00:00Z'),
    other('the day after', '2026-12-01T15:00:00Z', '2026-12-01T16:00:00Z'),
  ];
  const found = onThatDay({ ...meeting, close }, seoul);
  expect(found.map(({ title, overlaps }) => [title, overlaps])).toEqual([
    ['over midnight', false],
    ['until it begins', false],
    ['into it', true],
    ['around it', true],
    ['from its end', false],
  ]);
});

test('an event whose time nobody can tell has no day', () => {
  const unknown = { written: '2026-12-01T10:00:00', zone: 'Nowhere', utc: null };
  expect(onThatDay({ start: unknown, end: null, close: [] }, seoul)).toEqual([]);
});
