/** Times and sizes the way people here write them. */
import { fullDate, listDate } from '@smartmail/i18n/dates.ts';
import { language } from './language.svelte.ts';

export function when(text: string | null | undefined): string {
  return text ? listDate(new Date(text), new Date(), language()) : '';
}

export function exactly(text: string | null | undefined): string {
  return text ? fullDate(new Date(text), language()) : '';
}

export function octets(size: number | null | undefined): string {
  if (size === null || size === undefined) return '';
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let value = size;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  return `${new Intl.NumberFormat(language(), { maximumFractionDigits: digits }).format(value)} ${units[unit] ?? ''}`;
}

export function count(value: number): string {
  return new Intl.NumberFormat(language()).format(value);
}

/** Whole days from now on; negative when it is over. */
export function daysLeft(text: string, now: number = Date.now()): number {
  return Math.floor((Date.parse(text) - now) / 86_400_000);
}
