/** Hours at which people plan their mail, by the clocks of a place. Pure. */
import { hourIn, shown } from '../app/zone-clock.ts';

export interface Preset {
  label: 'plan.today' | 'plan.tomorrow' | 'plan.monday';
  at: Date;
}

/** An hour that has as good as come is none to plan for. */
const SOON_MS = 5 * 60_000;
const EVENING = 18;
const MORNING = 9;

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
