/** When an event is, in words: in the reader's zone where that is known, else as it is written. */
import type { Invitation, Moment } from '@smartmail/jmap/invitations.ts';

export interface Formats {
  /** Of a time with its zone known. */
  full(utc: string): string;
  clock(date: Date): string;
  /** Of a day without a time, `2026-12-01`. */
  day(written: string): string;
}

const DAY_MS = 86_400_000;

export function whenOf({ start, end }: Pick<Invitation, 'start' | 'end'>, formats: Formats): string {
  if (!start) return '';
  if (!start.written.includes('T')) return days(start, end, formats);
  if (start.utc === null)
    return `${start.written.replace('T', ' ').slice(0, 16)}${start.zone ? ` (${start.zone})` : ''}`;
  const begin = formats.full(start.utc);
  if (!end?.utc) return begin;
  const short = Date.parse(end.utc) - Date.parse(start.utc) < DAY_MS;
  return `${begin} – ${short ? formats.clock(new Date(end.utc)) : formats.full(end.utc)}`;
}

/** The end of days is the first one after them. */
function days(start: Moment, end: Moment | null, formats: Formats): string {
  const first = formats.day(start.written);
  if (!end || end.written.includes('T')) return first;
  const last = new Date(Date.parse(`${end.written}T00:00:00Z`) - DAY_MS).toISOString().slice(0, 10);
  return last > start.written ? `${first} – ${formats.day(last)}` : first;
}
