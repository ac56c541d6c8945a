/** What needs somebody is ranked; what nobody looked at is not well; today's figures are of today. */
import { describe, expect, it } from 'vitest';
import type { Standing, Trends } from '../src/api/types.ts';
import { badgesOf } from '../src/app/badges.ts';
import { ageOf, addressOf, ranked } from '../src/app/need.ts';
import { change, spam, today } from '../src/screens/overview/figures.ts';

const told = (items: Standing['items'], processes: number | null = null, silent: number | null = null): Standing => ({
  items,
  processes,
  silent,
});

describe('what needs somebody', () => {
  const now = ranked(
    told([
      { name: 'changes', level: 'notice', value: 1, since: '2026-12-01T00:00:00Z' },
      { name: 'alarm.queue.length', level: 'critical', value: 60_000, since: '2026-12-01T02:00:00Z' },
      { name: 'approvals', level: 'warning', value: 7, since: '2026-12-01T01:00:00Z', due: 2 },
      { name: 'alarm.disk.free', level: 'critical', value: 4, since: '2026-12-01T01:00:00Z' },
      { name: 'held', level: 'notice', value: 3 },
      { name: 'alarm.clock.skew', level: 'clear' },
      { name: 'alarm.rehearsal.age', level: 'unknown' },
    ]),
  );
  it('stands with the worst first, and of those as bad what lasts longest', () => {
    expect(now.needs.map((one) => one.name)).toEqual([
      'alarm.disk.free', 'alarm.queue.length', 'approvals', 'changes', 'held',
    ]); // prettier-ignore
    expect(now.clear.map((one) => one.name)).toEqual(['alarm.clock.skew']);
    expect(now.unknown.map((one) => one.name)).toEqual(['alarm.rehearsal.age']);
  });
  it('leads to the page where something can be done', () => {
    expect(now.needs.map(addressOf)).toEqual(['/volumes', '/queue', '/approvals', '/changes', '/queue?state=held']);
  });
  it('colours the rail by the worst', () => {
    expect(badgesOf({ queue: 1284, approvals: 7, proposals: null, quarantine: 0 } as never, now)).toEqual({
      now: { number: 5, tone: 'bad' },
      approvals: { number: 7, tone: 'act' },
      queue: { number: 1284, tone: 'bad' },
    });
  });
  it('tells of processes that are silent, and of none that was measured as unknown', () => {
    expect(ranked(told([], 3, 1)).needs).toMatchObject([{ name: 'silent', level: 'critical', value: 1 }]);
    expect(ranked(told([], 3, 0)).clear).toMatchObject([{ name: 'silent' }]);
    expect(ranked(told([], 0, 0)).unknown).toMatchObject([{ name: 'silent' }]);
    expect(ranked(told([])).clear).toEqual([]);
  });
  it('says an age in the unit in which one says it', () => {
    const now = Date.parse('2026-12-05T00:00:00Z');
    expect(ageOf('2026-12-04T23:18:00Z', now)).toEqual({ unit: 'minutes', count: 42 });
    expect(ageOf('2026-12-04T20:48:00Z', now)).toEqual({ unit: 'hours', count: 3 });
    expect(ageOf('2026-12-01T00:00:00Z', now)).toEqual({ unit: 'days', count: 4 });
  });
});

describe('figures of today', () => {
  const midnight = new Date(2026, 11, 2).getTime() / 1000;
  const times = Array.from({ length: 48 }, (_, at) => midnight - 36 * 3600 + at * 3600);
  const line = (name: string, label: string, value: (at: number) => number | null): Trends['lines'][number] => ({
    name, label, unit: '', kind: 'count', values: times.map((_, at) => value(at)),
  }); // prettier-ignore
  const lines = [
    line('mail.in', '', (at) => (at < 36 ? 10 : 15)),
    line('verdict', 'junk', (at) => (at < 36 ? 0 : 2)),
    line('verdict', 'quarantine', (at) => (at < 36 ? 0 : 1)),
    line('verdict', 'deliver', () => 99),
  ];
  const trends: Trends = { of: 'company', stepSeconds: 3600, times, lines, unseen: 0 };
  const now = (midnight + 12 * 3600 - 60) * 1000;
  it('are those since midnight, beside the same hours of yesterday', () => {
    const mail = today(trends, lines[0]?.values ?? [], now);
    expect(mail).toMatchObject({ value: 180, before: 120 });
    expect(change(mail)).toBe(50);
    expect(mail.spark).toHaveLength(24);
    expect(today(trends, spam(trends), now).value).toBe(36);
  });
  it('are unknown, not zero, where nothing was measured', () => {
    const none = today(trends, times.map(() => null), now); // prettier-ignore
    expect([none.value, none.before, change(none)]).toEqual([null, null, null]);
  });
});
