/** Dates and sizes in the language of the screen; "today" moves on by itself. */
import {
  dayName,
  fullDate,
  type HourCycle,
  isoDay,
  listDate,
  monthName,
  shortMonth,
  timeOfDay,
} from '@smartmail/i18n/dates.ts';
import { type DayGroup, groupOf } from '@smartmail/i18n/day-groups.ts';
import { formatSize } from '@smartmail/i18n/sizes.ts';
import { formatNumber } from '@smartmail/i18n/translate.ts';
import { createSubscriber } from 'svelte/reactivity';
import { language, t } from './language.svelte.ts';
import { settings } from './settings.svelte.ts';

const everyMinute = createSubscriber((update) => {
  const timer = setInterval(update, 60_000);
  return () => clearInterval(timer);
});

/** The clock that the person chose; undefined for the device's. */
const zone = (): string | undefined => settings.of('timeZone') || undefined;
const hours = (): HourCycle | undefined => settings.of('hours');

export function shortDate(utc: string): string {
  everyMinute();
  return listDate(new Date(utc), new Date(), language(), zone(), hours());
}

/** Makes what formats the dates of a list: the first date takes longer than all rows together. */
export function warmDates(): void {
  const now = new Date().toISOString();
  void [shortDate(now), groupHead(now).more];
}

/** In which group of a list by date a mail stands. */
export function dayGroup(utc: string): string {
  everyMinute();
  return groupOf(isoDay(new Date(utc), zone()), isoDay(new Date(), zone()));
}

const DAY_WORDS = {
  today: 'day.today',
  yesterday: 'day.yesterday',
  thisWeek: 'day.thisWeek',
  lastWeek: 'day.lastWeek',
} as const;

/** What stands over a group: its name, and for one day which day that is. */
export function groupHead(utc: string): { name: string; more: string } {
  const group = dayGroup(utc);
  const date = new Date(utc);
  if (!(group in DAY_WORDS)) return { name: shortMonth(date, new Date(), language(), zone()), more: '' };
  const oneDay = group === 'today' || group === 'yesterday';
  const said = group === 'today' ? new Date() : date;
  return { name: t(DAY_WORDS[group as DayGroup]), more: oneDay ? dayName(said, language(), zone()) : '' };
}

export const longDate = (utc: string): string => fullDate(new Date(utc), language(), zone(), hours());
export const month = (utc: string): string => monthName(new Date(utc), language(), zone());
export const clock = (date: Date): string => timeOfDay(date, language(), zone(), hours());
/** An hour of the wall, "09:00", in the form that the person chose. */
export const wallClock = (time: string): string =>
  timeOfDay(new Date(`1970-01-01T${time}Z`), language(), 'UTC', hours());
export const size = (octets: number): string => formatSize(octets, language());
export const number = (value: number): string => formatNumber(value, language());
