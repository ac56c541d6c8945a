/** The last day of a share by the clock that the person chose: it ends when that day does. */
import { language } from '../app/language.svelte.ts';
import { ownField, ownMoment } from '../app/own-clock.ts';

/** `2026-09-30` → the moment at which that day is over; null for no day. */
export function endOf(day: string): string | null {
  const next = new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000);
  if (day === '' || Number.isNaN(next.getTime())) return null;
  return (
    ownMoment(next.toISOString().slice(0, 16))
      ?.toISOString()
      .replace(/\.\d+Z$/, 'Z') ?? null
  );
}

/** The last day on which something still holds that ends at a moment; empty for none. */
export function lastDay(ends: string | undefined): string {
  return ends === undefined ? '' : ownField(new Date(Date.parse(ends) - 1)).slice(0, 10);
}

/** 9월 30일; with its year when that is another one than now. */
export function dayText(day: string): string {
  const year = day.slice(0, 4) === today().slice(0, 4) ? {} : { year: 'numeric' as const };
  const form = new Intl.DateTimeFormat(language(), { ...year, month: 'long', day: 'numeric', timeZone: 'UTC' });
  return form.format(new Date(`${day}T00:00:00Z`));
}

export const today = (): string => ownField(new Date()).slice(0, 10);
