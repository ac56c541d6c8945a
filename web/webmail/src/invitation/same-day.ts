/** Which of the events that lie close to an invitation are on the same day of the reader's clock, and which at the same time. */
import type { Engagement, Invitation } from '@smartmail/jmap/invitations.ts';

export interface OnThatDay extends Engagement {
  overlaps: boolean;
}

/** `dayOf`: the day of a moment on the reader's clock, `2026-12-01`. */
export function onThatDay(one: Pick<Invitation, 'start' | 'end' | 'close'>, dayOf: (at: Date) => string): OnThatDay[] {
  if (!one.start?.utc) return [];
  const from = Date.parse(one.start.utc);
  const until = Math.max(from, Date.parse(one.end?.utc ?? one.start.utc));
  // What ends at midnight is not of the day that begins then.
  const days = (first: number, last: number): [string, string] => [
    dayOf(new Date(first)),
    dayOf(new Date(Math.max(first, last - 1))),
  ];
  const [firstDay, lastDay] = days(from, until);
  return one.close
    .map((other) => ({ other, start: Date.parse(other.start), end: Date.parse(other.end) }))
    .filter(({ start, end }) => {
      const [first, last] = days(start, end);
      return first <= lastDay && last >= firstDay;
    })
    .map(({ other, start, end }) => ({ ...other, overlaps: start < until && end > from }));
}
