/** Dates and sizes in the language of the screen; "today" moves on by itself. */
import { fullDate, type HourCycle, listDate, monthName, timeOfDay } from '@smartmail/i18n/dates.ts';
import { formatSize } from '@smartmail/i18n/sizes.ts';
import { formatNumber } from '@smartmail/i18n/translate.ts';
import { createSubscriber } from 'svelte/reactivity';
import { language } from './language.svelte.ts';
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
export const warmDates = (): void => void shortDate(new Date().toISOString());

export const longDate = (utc: string): string => fullDate(new Date(utc), language(), zone(), hours());
export const month = (utc: string): string => monthName(new Date(utc), language(), zone());
export const clock = (date: Date): string => timeOfDay(date, language(), zone(), hours());
/** An hour of the wall, "09:00", in the form that the person chose. */
export const wallClock = (time: string): string =>
  timeOfDay(new Date(`1970-01-01T${time}Z`), language(), 'UTC', hours());
export const size = (octets: number): string => formatSize(octets, language());
export const number = (value: number): string => formatNumber(value, language());
