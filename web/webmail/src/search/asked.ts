/** The form of 상세검색 and the search line, each read from the other: the line alone says what is looked for. Pure. */
import { type Chip, chipOf, putTogether, quoted, takeApart } from '../app/search-line.ts';

/** How far back, as the line says it. */
export const PERIODS = ['7d', '1m', '3m', '1y'] as const;
export const SIZES = ['1M', '5M', '10M', '25M'] as const;
/** Words that file names of a kind end in: parts of a word are found as well, `xls` in `xlsx`. */
export const FILE_KINDS = ['hwp', 'xls', 'pdf', 'ppt'] as const;
export const MARKS = ['is:unread', 'is:starred', '-is:answered'] as const;
const EVERYWHERE = 'anywhere';

export type Period = (typeof PERIODS)[number] | '' | 'between';
export type Mark = (typeof MARKS)[number];

export interface Asked {
  from: string;
  to: string;
  subject: string;
  body: string;
  /** Words of no operator. */
  words: string;
  period: Period;
  /** First and last day, both counted: `2026-09-01`. */
  first: string;
  last: string;
  attachment: boolean;
  file: string;
  larger: string;
  /** As `in:` names it; empty for all but spam and trash. */
  mailbox: string;
  tag: string;
  marks: readonly Mark[];
  /** What the line says beyond the form, as it stands there. */
  kept: readonly string[];
}

const TEXTS = {
  'search.from': 'from',
  'search.to': 'to',
  'search.subject': 'subject',
  'search.body': 'body',
  'search.file': 'file',
  'search.in': 'mailbox',
  'search.tag': 'tag',
  'search.larger': 'larger',
} as const;
const MARK_OF: Record<string, Mark> = {
  'filter.unread': 'is:unread',
  'filter.flagged': 'is:starred',
  '!search.answered': '-is:answered',
};
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const DAY_MS = 24 * 3_600_000;

export function nothingAsked(): Asked {
  const texts = { from: '', to: '', subject: '', body: '', words: '', file: '', larger: '', mailbox: '', tag: '' };
  return { ...texts, period: '', first: '', last: '', attachment: false, marks: [], kept: [] };
}

export const everywhere = (asked: Asked): boolean => asked.mailbox.toLowerCase() === EVERYWHERE;
export const anywhere = (on: boolean): Partial<Asked> => ({ mailbox: on ? EVERYWHERE : '' });

/** What the form shows of a line. A second sender, a group, whatever has no field: kept as it is. */
export function readAsked(line: string): Asked {
  const { chips, rest } = takeApart(line);
  const asked = { ...nothingAsked(), words: rest };
  const kept = chips.filter((chip) => !put(asked, chip)).map(({ token }) => token);
  return { ...asked, kept };
}

/** Says whether there was a place for it. */
function put(asked: Asked, chip: Chip): boolean {
  const mark = MARK_OF[`${chip.not ? '!' : ''}${chip.label}`];
  if (mark && chip.value === '') return (asked.marks = [...new Set([...asked.marks, mark])]).length > 0;
  if (chip.not) return false;
  if (chip.label === 'filter.attachment') return (asked.attachment = true);
  const field = chip.label in TEXTS ? TEXTS[chip.label as keyof typeof TEXTS] : null;
  if (field) return asked[field] === '' && (asked[field] = chip.value) !== '';
  return putPeriod(asked, chip);
}

function putPeriod(asked: Asked, { label, value }: Chip): boolean {
  const free = asked.period === '' || asked.period === 'between';
  if (label === 'search.newer') {
    const period = PERIODS.find((each) => each === value.toLowerCase());
    if (!period || asked.period !== '') return false;
    asked.period = period;
    return true;
  }
  const [first = '', last = ''] = daysOf(label, value);
  if (!free || (first === '' && last === '') || (first && asked.first) || (last && asked.last)) return false;
  Object.assign(asked, { period: 'between' }, first && { first }, last && { last });
  return true;
}

/** First and last day of what stands behind `after:`, `before:` or `on:`. */
function daysOf(label: string, value: string): string[] {
  const days = value.split('..');
  if (!days.every((day) => DAY.test(day))) return [];
  if (label === 'search.after') return [value];
  if (label === 'search.before') return ['', dayBeside(value, -1)];
  return label === 'search.on' ? [days[0] ?? '', days.at(-1) ?? ''] : [];
}

function dayBeside(day: string, by: number): string {
  const there = Date.parse(`${day}T00:00:00Z`) + by * DAY_MS;
  return Number.isNaN(there) ? '' : new Date(there).toISOString().slice(0, 10);
}

export function writeAsked(asked: Asked): string {
  const { from, to, subject, body, file, mailbox, tag, larger } = asked;
  const tokens = [
    ...Object.entries({ from, to, subject, body })
      .map(([name, value]) => [name, value.trim()] as const)
      .map(([name, value]) => value && `${name}:${quoted(value)}`),
    ...periodOf(asked),
    asked.attachment && 'has:attachment',
    file.trim() && `filename:${quoted(file.trim())}`,
    larger && `larger:${larger}`,
    mailbox && `in:${quoted(mailbox)}`,
    tag && `tag:${quoted(tag)}`,
    ...asked.marks,
    ...asked.kept,
  ].filter((token) => typeof token === 'string' && token !== '');
  return putTogether(
    tokens.flatMap((token) => chipOf(String(token)) ?? []),
    asked.words,
  );
}

function periodOf({ period, first, last }: Asked): string[] {
  if (period === '') return [];
  if (period !== 'between') return [`newer_than:${period}`];
  const [from, until] = [DAY.test(first) ? first : '', DAY.test(last) ? last : ''];
  if (from && until) return [from === until ? `on:${from}` : `on:${from}..${until}`];
  // The server's `before:` ends when that day begins; a person names the last day.
  return from ? [`after:${from}`] : until ? [`before:${dayBeside(until, 1)}`] : [];
}
