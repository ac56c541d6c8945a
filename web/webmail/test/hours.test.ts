/** Hours at which mail comes back. */
import { describe, expect, it } from 'vitest';
import { daysAfter, hours, utc } from '../src/app/hours.ts';

const labels = (now: Date): string[] => hours(now).map(({ label }) => label);

describe('hours', () => {
  it('offers later today by whole hours, and no night', () => {
    expect(hours(new Date(2026, 10, 27, 10, 20))[0]).toEqual({
      label: 'snooze.later',
      at: new Date(2026, 10, 27, 14),
    });
    expect(labels(new Date(2026, 10, 27, 19))).not.toContain('snooze.later');
    expect(labels(new Date(2026, 10, 27, 23, 30))).not.toContain('snooze.later');
  });

  it('is of the clock that the person chose', () => {
    const [first, second] = hours(new Date('2026-11-27T05:20:00Z'), 'Asia/Seoul');
    expect(first?.at).toEqual(new Date('2026-11-27T09:00:00Z'));
    expect(second?.at).toEqual(new Date('2026-11-28T00:00:00Z'));
    // Late in Seoul, afternoon in London.
    expect(hours(new Date('2026-11-27T14:20:00Z'), 'Asia/Seoul')[0]?.label).toBe('snooze.tomorrow');
  });

  it('never names one moment twice', () => {
    // A Sunday: tomorrow is Monday. A Monday: in a week is Monday.
    expect(labels(new Date(2026, 10, 29, 20))).toEqual(['snooze.tomorrow', 'snooze.nextWeek']);
    expect(labels(new Date(2026, 10, 30, 20))).toEqual(['snooze.tomorrow', 'snooze.monday']);
    expect(labels(new Date(2026, 10, 27, 20))).toEqual(['snooze.tomorrow', 'snooze.monday', 'snooze.nextWeek']);
  });

  it('lies ahead on every day', () => {
    for (let hour = 0; hour < 24 * 14; hour += 1) {
      const now = new Date(2026, 10, 20, hour, 59);
      for (const { at } of hours(now)) expect(at.getTime()).toBeGreaterThan(now.getTime());
    }
  });

  it('counts days at the same time of day', () => {
    expect(daysAfter(new Date(2026, 11, 30, 17, 5), 3)).toEqual(new Date(2027, 0, 2, 17, 5));
    expect(utc(new Date(Date.UTC(2026, 0, 2, 3, 4, 5, 678)))).toBe('2026-01-02T03:04:05Z');
  });
});
