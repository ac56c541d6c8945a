/**
 * Days and hours as people write them, and as fields keep them: `2026-12-07`, `09:30`, `2026-12-07T09:30`. All of it is the
 * person's own clock, so no zone is asked.
 */
export type DateKind = 'datetime-local' | 'date' | 'time';

const PAREN = /[（(][^)）]*[)）]/g;
const WHOLE_DAY = /^(\d{4})\s*[-./년年]\s*(\d{1,2})\s*[-./월月]\s*(\d{1,2})\s*[일日.]?/;
const DIGITS = /^(\d{4})(\d{2})(\d{2})(?!\d)/;
const SHORT_DAY = /^()(\d{1,2})\s*[-./월月]\s*(\d{1,2})\s*[일日.]?/;
const CLOCK =
  /^(오전|오후|am|pm|午前|午後|上午|下午)?\s*(\d{1,2}?)(?:\s*[:시時时点點]\s*(\d{1,2})?|(\d{2}))?\s*[분分]?\s*(am|pm)?$/i;
const LATER = /오후|pm|午後|下午/i;
const HALF = /오전|오후|am|pm|午|上午|下午/i;
/** A day without an hour means the beginning of work. */
const MORNING = '09:00';

const two = (value: number): string => String(value).padStart(2, '0');

export function dayOf(date: Date): string {
  return `${String(date.getFullYear()).padStart(4, '0')}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** The day as a date at noon, which no change of clocks moves to another day. */
export function dateOf(day: string): Date {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(year, month - 1, date, 12);
}

export function isDay(day: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(day) && dayOf(dateOf(day)) === day;
}

/** The day that many days or months later; the last of a month that is shorter. */
export function moved(day: string, days: number, months = 0): string {
  const date = dateOf(day);
  const wanted = new Date(date.getFullYear(), date.getMonth() + months, 1, 12);
  const last = new Date(wanted.getFullYear(), wanted.getMonth() + 1, 0).getDate();
  return dayOf(
    new Date(wanted.getFullYear(), wanted.getMonth(), Math.min(date.getDate(), months ? last : 31) + days, 12),
  );
}

function typedDay(text: string, today: string): { day: string; rest: string } | null {
  const found = WHOLE_DAY.exec(text) ?? DIGITS.exec(text) ?? SHORT_DAY.exec(text);
  if (!found) return null;
  const [whole, year, month, date] = found;
  const make = (in_: number): string => `${in_}-${two(Number(month))}-${two(Number(date))}`;
  const thisYear = Number(today.slice(0, 4));
  let day = make(year ? Number(year) : thisYear);
  // Without a year the next such day is meant.
  if (!year && day < today) day = make(thisYear + 1);
  return isDay(day) ? { day, rest: text.slice(whole.length).replace(/^[T,\s]+/, '') } : null;
}

function typedTime(text: string): string | null {
  const found = CLOCK.exec(text.trim());
  if (!found) return null;
  const half = found[1] ?? found[5] ?? '';
  let hour = Number(found[2]);
  const minute = Number(found[3] ?? found[4] ?? 0);
  if (HALF.test(half) && hour > 12) return null;
  if (LATER.test(half) && hour < 12) hour += 12;
  else if (half !== '' && !LATER.test(half) && hour === 12) hour = 0;
  return hour < 24 && minute < 60 ? `${two(hour)}:${two(minute)}` : null;
}

/** What was typed, as fields keep it; null for what is no day or hour. `clock`: the hour of a moment without one. */
export function typedMoment(typed: string, kind: DateKind, today: string, clock = MORNING): string | null {
  const text = typed.replace(PAREN, ' ').replace(/\s+/g, ' ').trim();
  if (kind === 'time') return typedTime(text);
  const found = typedDay(text, today);
  if (!found) return null;
  if (kind === 'date') return found.rest === '' ? found.day : null;
  const time = found.rest === '' ? clock : typedTime(found.rest);
  return time === null ? null : `${found.day}T${time}`;
}

/** Whether so much is typed that it can count at once: nobody means the year 202, nor 2 o'clock on the way to 22:00. */
export function isWhole(typed: string, kind: DateKind): boolean {
  const day = WHOLE_DAY.test(typed.trim()) || DIGITS.test(typed.trim());
  const time = /\d{1,2}:\d{2}\s*$/.test(typed);
  return kind === 'date' ? day : kind === 'time' ? time : day && time;
}

/** As it stands in the field: `2026. 12. 7. (월) 09:30`, and readable by `typedMoment` again. */
export function shownMoment(value: string, kind: DateKind, language: string): string {
  if (value === '' || kind === 'time') return value;
  const [day = '', time] = value.split('T');
  if (!isDay(day)) return value;
  const weekday = new Intl.DateTimeFormat(language, { weekday: 'short' }).format(dateOf(day));
  const [year, month, date] = day.split('-').map(Number);
  const words = language.startsWith('ko')
    ? `${year}. ${month}. ${date}.`
    : /^(ja|zh)/.test(language)
      ? `${year}/${month}/${date}`
      : day;
  return `${words} (${weekday})${time ? ` ${time.slice(0, 5)}` : ''}`;
}

/** First day of the week where the language is spoken; Sunday is 0. Korea's begins on Sunday. */
export function weekStart(language: string): number {
  if (language.startsWith('ko')) return 0;
  const locale = new Intl.Locale(language) as Intl.Locale & { getWeekInfo?: () => { firstDay: number } };
  return (locale.getWeekInfo?.().firstDay ?? 7) % 7;
}

/** The weeks that a month stands in, with the days of its neighbours. */
export function weeksOf(day: string, start: number): string[][] {
  const first = `${day.slice(0, 7)}-01`;
  const lead = (dateOf(first).getDay() - start + 7) % 7;
  const count = Math.ceil((lead + Number(moved(moved(first, 0, 1), -1).slice(8))) / 7);
  return Array.from({ length: count }, (_, week) =>
    Array.from({ length: 7 }, (_each, place) => moved(first, week * 7 + place - lead)),
  );
}

/** Every half hour of a day. */
export const HALF_HOURS: readonly string[] = Array.from(
  { length: 48 },
  (_, at) => `${two(Math.floor(at / 2))}:${at % 2 === 0 ? '00' : '30'}`,
);
