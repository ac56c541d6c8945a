/** What clocks of a time zone show, and when they show it. Pure. `zone` undefined: the device's own. */

/** What clocks of a zone show, as if they showed UTC. */
export function shown(zone: string | undefined, at: number): number {
  const form = new Intl.DateTimeFormat('en-US', {
    ...(zone ? { timeZone: zone } : {}),
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const part = Object.fromEntries(form.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/** The moment at which clocks of a zone show `wanted`, which is written as if they showed UTC. */
export function momentAt(zone: string | undefined, wanted: number): Date {
  const away = (at: number): number => shown(zone, at) - at;
  // Beside a change of the clocks the first guess is an hour off.
  const guess = wanted - away(wanted);
  return new Date(wanted - away(guess));
}

/** `2026-11-27T09:30`, as a field of the browser holds it. */
export function fieldIn(zone: string | undefined, at: Date): string {
  return new Date(shown(zone, at.getTime())).toISOString().slice(0, 16);
}

/** The moment that a field of the browser means; null for an empty one. */
export function momentIn(zone: string | undefined, field: string): Date | null {
  const wanted = Date.parse(`${field}Z`);
  return Number.isNaN(wanted) ? null : momentAt(zone, wanted);
}

/** The moment at which clocks of a zone show an hour, so many days after `now` there. */
export function hourIn(zone: string | undefined, now: Date, days: number, hour: number): Date {
  const today = new Date(shown(zone, now.getTime()));
  const wanted = Date.UTC(today.getUTCFullYear(), today.getUTCMonth(), today.getUTCDate() + days, hour);
  return momentAt(zone, wanted);
}
