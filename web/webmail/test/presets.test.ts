/** Hours to plan mail for, by the clocks of another place. */
import { describe, expect, it } from 'vitest';
import { fieldIn, hourIn, momentIn } from '../src/app/zone-clock.ts';
import { presets, sameClock, theirMornings } from '../src/writing/presets.ts';

const at = (text: string): Date => new Date(text);
/** A Friday: 14:00 in Seoul, midnight in New York. */
const NOW = at('2026-11-27T05:00:00Z');

describe('hours of a place', () => {
  it('are the hours of its own clocks and days', () => {
    expect(hourIn('Asia/Seoul', NOW, 0, 18)).toEqual(at('2026-11-27T09:00:00Z'));
    expect(hourIn('America/New_York', NOW, 0, 9)).toEqual(at('2026-11-27T14:00:00Z'));
    expect(hourIn('Asia/Kolkata', NOW, 1, 9)).toEqual(at('2026-11-28T03:30:00Z'));
    // Late in Seoul it is another day than in New York.
    expect(hourIn('America/New_York', at('2026-11-27T16:00:00Z'), 1, 9)).toEqual(at('2026-11-28T14:00:00Z'));
    expect(hourIn('Asia/Seoul', at('2026-11-27T16:00:00Z'), 1, 9)).toEqual(at('2026-11-29T00:00:00Z'));
  });

  it('follow a change of the clocks', () => {
    // New York goes to summer time on 14 March 2027 at two in the morning.
    const before = at('2027-03-13T20:00:00Z');
    expect(hourIn('America/New_York', before, 0, 18)).toEqual(at('2027-03-13T23:00:00Z'));
    expect(hourIn('America/New_York', before, 1, 9)).toEqual(at('2027-03-14T13:00:00Z'));
    expect(hourIn('America/New_York', before, 1, 1)).toEqual(at('2027-03-14T06:00:00Z'));
  });
});

describe('a field of the browser', () => {
  it('means the clock that the person chose, whatever the device has', () => {
    expect(momentIn('America/New_York', '2026-11-27T09:30')).toEqual(at('2026-11-27T14:30:00Z'));
    expect(momentIn('Asia/Seoul', '2026-11-27T09:30')).toEqual(at('2026-11-27T00:30:00Z'));
    expect(fieldIn('Asia/Seoul', NOW)).toBe('2026-11-27T14:00');
    expect(momentIn('Asia/Seoul', '')).toBeNull();
  });

  it('is read as it was shown, in winter and in summer', () => {
    for (const zone of ['Asia/Seoul', 'America/New_York', 'Asia/Kolkata', 'Pacific/Auckland', undefined])
      for (const moment of ['2026-01-15T03:10:00Z', '2026-07-15T23:50:00Z', '2027-03-14T07:00:00Z'])
        expect(momentIn(zone, fieldIn(zone, at(moment)))).toEqual(at(moment));
  });
});

describe('what is offered', () => {
  it('lies ahead by the clocks that the person chose', () => {
    expect(presets(NOW, 'Asia/Seoul').map(({ label }) => label)).toEqual([
      'plan.today',
      'plan.tomorrow',
      'plan.monday',
    ]);
    const evening = presets(at('2026-11-27T09:00:00Z'), 'Asia/Seoul');
    expect(evening.map(({ label }) => label)).toEqual(['plan.tomorrow', 'plan.monday']);
    expect(evening[1]?.at).toEqual(at('2026-11-30T00:00:00Z'));
  });

  it('names mornings of the recipient, no moment twice', () => {
    expect(theirMornings(NOW, 'America/New_York')).toEqual([at('2026-11-27T14:00:00Z'), at('2026-11-30T14:00:00Z')]);
    // On a Sunday the next morning is Monday's.
    expect(theirMornings(at('2026-11-29T20:00:00Z'), 'America/New_York')).toEqual([at('2026-11-30T14:00:00Z')]);
  });

  it('is nothing new for who lives by the same clocks', () => {
    expect(sameClock('Asia/Seoul', 'Asia/Tokyo', NOW)).toBe(true);
    expect(sameClock('Asia/Seoul', 'Asia/Shanghai', NOW)).toBe(false);
  });
});
