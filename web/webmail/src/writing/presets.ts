/** Hours at which people plan their mail, by the clocks of a place. Pure. */

export interface Preset {
  label: 'plan.today' | 'plan.tomorrow' | 'plan.monday';
  at: Date;
}

/** An hour that has as good as come is none to plan for. */
const SOON_MS = 5 * 60_000;
const EVENING = 18;
const MORNING = 9;

/** What clocks of a zone show, as if they showed UTC. `zone` undefined: the device's own. */
function shown(zone: string | undefined, at: number): number {
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

/** The moment at which clocks of a zone show an hour, so many days after `now` there. */
export function hourIn(zone: string | undefined, now: Date, days: number, hour: number): Date {
  const today = new Date(shown(zone, now.getTime()));
  const wanted = Date.UTC(today.getUTCFullYear(), today.getUTCMonth(), today.getUTCDate() + days, hour);
  const away = (at: number): number => shown(zone, at) - at;
  // Beside a change of the clocks the first guess is an hour off.
  const guess = wanted - away(wanted);
  return new Date(wanted - away(guess));
}

/** Hours that people choose most, those that lie ahead, by the clocks of a zone. */
export function presets(now: Date, zone?: string): Preset[] {
  const weekday = new Date(shown(zone, now.getTime())).getUTCDay();
  const all: Preset[] = [
    { label: 'plan.today', at: hourIn(zone, now, 0, EVENING) },
    { label: 'plan.tomorrow', at: hourIn(zone, now, 1, MORNING) },
    { label: 'plan.monday', at: hourIn(zone, now, (8 - weekday) % 7 || 7, MORNING) },
  ];
  return all.filter(({ at }) => at.getTime() > now.getTime() + SOON_MS);
}

/** Mornings of somebody who lives by other clocks: the next one, and Monday's. */
export function theirMornings(now: Date, zone: string): Date[] {
  const weekday = new Date(shown(zone, now.getTime())).getUTCDay();
  const today = hourIn(zone, now, 0, MORNING);
  const next = today.getTime() > now.getTime() + SOON_MS ? today : hourIn(zone, now, 1, MORNING);
  const monday = hourIn(zone, now, (8 - weekday) % 7 || 7, MORNING);
  return next.getTime() === monday.getTime() ? [next] : [next, monday];
}

/** Whether two zones show the same now. */
export function sameClock(one: string | undefined, other: string | undefined, now: Date): boolean {
  return shown(one, now.getTime()) === shown(other, now.getTime());
}
