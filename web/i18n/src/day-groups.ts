/**
 * The groups that a list by date falls into: today, yesterday, the rest of this week, last week, then months. Pure:
 * days come in as `2026-12-01`, in the zone of whoever reads.
 */
export type DayGroup = 'today' | 'yesterday' | 'thisWeek' | 'lastWeek';

const DAY_MS = 86_400_000;

/** A group of days, or the month as `2026-11`. Weeks begin on Monday, as they do in offices. */
export function groupOf(day: string, today: string): DayGroup | (string & {}) {
  const now = Date.parse(today) / DAY_MS;
  const ago = now - Date.parse(day) / DAY_MS;
  // What a wrong clock dated tomorrow came today.
  if (ago <= 0) return 'today';
  if (ago === 1) return 'yesterday';
  // Day 0 was a Thursday.
  const sinceMonday = (now + 3) % 7;
  if (ago <= sinceMonday) return 'thisWeek';
  return ago <= sinceMonday + 7 ? 'lastWeek' : day.slice(0, 7);
}
