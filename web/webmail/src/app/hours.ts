/** Hours at which mail comes back, by the clocks of a place. Pure. */
import type { MessageKey } from '@smartmail/i18n/translate.ts';
import { hourIn, shown } from './zone-clock.ts';

export interface Hour {
  label: MessageKey;
  at: Date;
}

const MORNING = 9;
/** Nobody wants to be reminded at night. */
const LATEST = 21;
const LATER_H = 3;
export const WAITS = [1, 2, 3, 7] as const;

/** Hours that people choose most, by the clocks of a zone (the device's own without); no two of them are the same moment. */
export function hours(now: Date, zone?: string): Hour[] {
  const clock = new Date(shown(zone, now.getTime()));
  const on = (days: number, hour: number): Date => hourIn(zone, now, days, hour);
  const later = clock.getUTCHours() + LATER_H + (clock.getUTCMinutes() > 0 ? 1 : 0);
  const toMonday = (8 - clock.getUTCDay()) % 7 || 7;
  const all: Hour[] = [
    ...(later <= LATEST ? [{ label: 'snooze.later' as const, at: on(0, later) }] : []),
    { label: 'snooze.tomorrow', at: on(1, MORNING) },
    { label: 'snooze.monday', at: on(toMonday, MORNING) },
    { label: 'snooze.nextWeek', at: on(7, MORNING) },
  ];
  return all.filter((one, index) => all.findIndex((other) => other.at.getTime() === one.at.getTime()) === index);
}

/** So many days after `from`, at the same time of day. */
export function daysAfter(from: Date, days: number): Date {
  const at = new Date(from);
  at.setDate(at.getDate() + days);
  return at;
}

/** RFC 8620 §1.4: without fractions. */
export function utc(at: Date): string {
  return at.toISOString().replace(/\.\d+/, '');
}
