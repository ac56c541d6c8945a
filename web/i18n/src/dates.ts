/**
 * Dates the way people here write them: today 오후 3:12, this year 11-24, before 2025-11-24; in
 * full 2026. 11. 24. (화) 오후 3:12. `now` and the time zone come in, so that this is pure.
 */

/** 오후 3:12 or 15:12, where a person chose; each language has a habit of its own without. */
export type HourCycle = 'h12' | 'h23';

const cache = new Map<string, Intl.DateTimeFormat>();

function format(language: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = language + JSON.stringify(options);
  let found = cache.get(key);
  if (!found) cache.set(key, (found = new Intl.DateTimeFormat(language, options)));
  return found;
}

/** ICU may put a narrow no-break space before the day period; plain text is easier to search and to copy. */
function plain(text: string): string {
  return text.replaceAll('\u202f', ' ');
}

export function timeOfDay(date: Date, language: string, timeZone?: string, hourCycle?: HourCycle): string {
  return plain(format(language, { hour: 'numeric', minute: '2-digit', timeZone, hourCycle }).format(date));
}

/** For a list row: as short as it can be without doubt. */
export function listDate(date: Date, now: Date, language: string, timeZone?: string, hourCycle?: HourCycle): string {
  const day = isoDay(date, timeZone);
  const today = isoDay(now, timeZone);
  if (day === today) return timeOfDay(date, language, timeZone, hourCycle);
  return day.slice(0, 4) === today.slice(0, 4) ? day.slice(5) : day;
}

/** For the head of a message and for tooltips. */
export function fullDate(date: Date, language: string, timeZone?: string, hourCycle?: HourCycle): string {
  const options: Intl.DateTimeFormatOptions = {
    year: 'numeric',
    month: language === 'en' ? 'short' : 'numeric',
    day: 'numeric',
    weekday: 'short',
    hour: 'numeric',
    minute: '2-digit',
    timeZone,
    hourCycle,
  };
  return plain(format(language, options).format(date));
}

/** 2026-11-24 in the given zone. */
export function isoDay(date: Date, timeZone?: string): string {
  // The device's own zone needs no formatter, which takes longer to make than a list to draw.
  if (timeZone === undefined) {
    const [year, month, day] = [date.getFullYear(), date.getMonth() + 1, date.getDate()];
    return [String(year).padStart(4, '0'), ...[month, day].map((part) => String(part).padStart(2, '0'))].join('-');
  }
  return format('sv-SE', { year: 'numeric', month: '2-digit', day: '2-digit', timeZone }).format(date);
}

/** 12월 1일 화요일: which day today is, and yesterday, in the head of their mail. */
export function dayName(date: Date, language: string, timeZone?: string): string {
  return plain(format(language, { month: 'long', day: 'numeric', weekday: 'long', timeZone }).format(date));
}

/** 11월, or 2025년 11월 of another year than this one: the head of a month's mail. */
export function shortMonth(date: Date, now: Date, language: string, timeZone?: string): string {
  if (isoDay(date, timeZone).slice(0, 4) !== isoDay(now, timeZone).slice(0, 4))
    return monthName(date, language, timeZone);
  return format(language, { month: 'long', timeZone }).format(date);
}

/** The month under the reader's finger while a long list is scrolled. */
export function monthName(date: Date, language: string, timeZone?: string): string {
  return format(language, { year: 'numeric', month: 'long', timeZone }).format(date);
}
