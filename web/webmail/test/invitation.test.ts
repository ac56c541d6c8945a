import { hasCalendar, type Invitation, type Moment } from '@smartmail/jmap/invitations.ts';
import type { Email } from '@smartmail/jmap/types.ts';
import { expect, test } from 'vitest';
import { whenOf } from '../src/invitation/when.ts';

const FORMATS = {
  full: (utc: string) => `<${utc}>`,
  clock: (date: Date) => date.toISOString().slice(11, 16),
  day: (written: string) => `[${written}]`,
};
const at = (utc: string): Moment => ({ written: '2026-12-01T10:00:00', zone: 'Asia/Seoul', utc });
const day = (written: string): Moment => ({ written, zone: '', utc: null });
const when = (start: Moment | null, end: Moment | null): string =>
  whenOf({ start, end } satisfies Pick<Invitation, 'start' | 'end'>, FORMATS);

test('a meeting shows its day once', () => {
  expect(when(at('2026-12-01T01:00:00Z'), at('2026-12-01T02:30:00Z'))).toBe('<2026-12-01T01:00:00Z> – 02:30');
  expect(when(at('2026-12-01T01:00:00Z'), at('2026-12-03T02:30:00Z'))).toBe(
    '<2026-12-01T01:00:00Z> – <2026-12-03T02:30:00Z>',
  );
  expect(when(at('2026-12-01T01:00:00Z'), null)).toBe('<2026-12-01T01:00:00Z>');
  expect(when(null, null)).toBe('');
});

test('the end of days is the day after them', () => {
  expect(when(day('2026-12-01'), day('2026-12-02'))).toBe('[2026-12-01]');
  expect(when(day('2026-12-31'), day('2027-01-03'))).toBe('[2026-12-31] – [2027-01-02]');
  expect(when(day('2026-12-01'), null)).toBe('[2026-12-01]');
});

test('a zone that nobody knows leaves the time as it is written', () => {
  expect(when({ written: '2026-12-01T10:00:00', zone: 'Moon/Sea', utc: null }, null)).toBe(
    '2026-12-01 10:00 (Moon/Sea)',
  );
});

test('only what has a calendar asks the server', () => {
  const email = (type: string): Pick<Email, 'attachments'> =>
    ({ attachments: [{ type }] }) as Pick<Email, 'attachments'>;
  expect(hasCalendar(email('text/calendar'))).toBe(true);
  expect(hasCalendar(email('text/plain'))).toBe(false);
  expect(hasCalendar({ attachments: [] })).toBe(false);
});
