import { describe, expect, it } from 'vitest';
import type { LiveFigures, Trends } from '../src/api/types.ts';
import { last, most, summed, thinned, withNow } from '../src/charts/data.ts';

const T0 = Date.parse('2026-11-27T02:00:00Z') / 1000;
const line = (name: string, label: string, values: (number | null)[]) => ({
  name,
  label,
  unit: '',
  kind: 'count' as const,
  values,
});
const told: Trends = {
  of: 'company', stepSeconds: 60, times: [T0, T0 + 60, T0 + 120], unseen: 1,
  lines: [line('login.failed', 'KR', [1, null, 2]), line('login.failed', 'CN', [5, null, 0]), line('mail.in', '', [0, null, 3])],
}; // prettier-ignore
const live = (at: number, more: Partial<LiveFigures> = {}): LiveFigures => ({
  at: new Date(at * 1000).toISOString(), of: 'company', waiting: 4, held: 1, oldestSeconds: 9,
  minute: [{ name: 'mail.in', label: '', value: 7 }, { name: 'verdict', label: 'junk', value: 1 }], lastMinute: [], ...more,
}); // prettier-ignore

describe('lines', () => {
  it('add up their labels; what nobody measured stays unknown', () => {
    expect(summed(told, 'login.failed')).toEqual([6, null, 2]);
  });
  it('that have nothing are zero where somebody looked', () => {
    expect(summed(told, 'mail.bounced')).toEqual([0, null, 0]);
  });
  it('know their last measured value', () => {
    expect(last([1, 2, null])).toBe(2);
    expect(last([null])).toBeNull();
  });
  it('are ordered by what they come to', () => {
    expect(most(told, ['login.failed'], 1)).toEqual(['CN']);
  });
});

describe('what has just happened', () => {
  it('is the last step', () => {
    const next = withNow(told, live(T0 + 150));
    expect(next?.lines.find((one) => one.name === 'mail.in')?.values).toEqual([0, null, 7]);
    expect(next && summed(next, 'queue.waiting')).toEqual([0, null, 4]);
    expect(next && summed(next, 'verdict')).toEqual([0, null, 1]);
    expect(told.lines[2]?.values[2]).toBe(3);
  });
  it('of another minute asks for the range again', () => {
    expect(withNow(told, live(T0 + 180))).toBeNull();
    expect(withNow({ ...told, stepSeconds: 300 }, live(T0 + 150))).toBeNull();
  });
});

describe('tables', () => {
  it('end with the newest and are short', () => {
    expect(thinned(3, 30)).toEqual([0, 1, 2]);
    expect(thinned(360, 30)).toHaveLength(30);
    expect(thinned(360, 30).at(-1)).toBe(359);
  });
});
