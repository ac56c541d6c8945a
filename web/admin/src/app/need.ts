/** What needs somebody: the server's items in the order in which they are looked at, and where each leads. Pure. */
import type { Standing, StandingItem } from '../api/types.ts';

export type Item = Required<StandingItem>;
const BLANK = { value: 0, since: null, about: '', due: 0, acknowledgedBy: '' };
const WORST_FIRST = ['critical', 'warning', 'notice'] as const;
export type NeedLevel = (typeof WORST_FIRST)[number];

export interface Need extends Item {
  level: NeedLevel;
  /** The page where something can be done about it. */
  page: string;
}
export interface Ranked {
  needs: Need[];
  /** Looked at, and well. */
  clear: Item[];
  /** Nobody could say. */
  unknown: Item[];
}

/** Where an item leads, by its name or the beginning of it. */
const PAGES: readonly (readonly [string, string])[] = [
  ['alarm.access.', 'glass'],
  ['alarm.audit.', 'records'],
  ['alarm.backup.', 'backups'],
  ['alarm.rehearsal.', 'backups'],
  ['alarm.books.', 'trace'],
  ['alarm.bounce.', 'trace'],
  ['alarm.certificate.', 'certificates'],
  ['alarm.clock.', 'processes'],
  ['alarm.disk.', 'volumes'],
  ['alarm.volumes.', 'volumes'],
  ['alarm.keys.', 'encryption'],
  ['alarm.login.', 'records'],
  ['alarm.policy.', 'processes'],
  ['alarm.queue.', 'queue'],
  ['alarm.sending.spike', 'queue'],
  ['alarm.sending.stopped', 'stops'],
  ['alarm.siem.', 'collectors'],
  ['held', 'queue'],
  ['neverBackup', 'backups'],
  ['silent', 'processes'],
];

export const pageOf = (name: string): string => PAGES.find(([start]) => name.startsWith(start))?.[1] ?? name;

/** The address that an item opens: of what is held, only that. */
export const addressOf = (need: Need): string => `/${need.page}${need.name === 'held' ? '?state=held' : ''}`;

/** What the processes say is an item like the others. */
function withOwn(told: Standing): Item[] {
  const items = told.items.map((one): Item => ({ ...BLANK, ...one }));
  if (told.processes === null) return items;
  const level = told.silent ? 'critical' : told.processes > 0 ? 'clear' : 'unknown';
  return [...items, { ...BLANK, name: 'silent', level, value: told.silent ?? 0 }];
}

/** What has no beginning comes last. */
const begun = (one: Item): number => (one.since === null ? Number.MAX_SAFE_INTEGER : Date.parse(one.since));
const rank = (level: NeedLevel): number => WORST_FIRST.indexOf(level);

/** The worst first; of those that are as bad, what has lasted longest. */
export function ranked(told: Standing): Ranked {
  const items = withOwn(told);
  const needs = items
    .flatMap((one): Need[] => {
      const level = WORST_FIRST.find((each) => each === one.level);
      return level ? [{ ...one, level, page: pageOf(one.name) }] : [];
    })
    .sort((one, other) => rank(one.level) - rank(other.level) || begun(one) - begun(other));
  return {
    needs,
    clear: items.filter((one) => one.level === 'clear'),
    unknown: items.filter((one) => one.level === 'unknown'),
  };
}

/** How long ago that was, in the unit in which one says it. */
export function ageOf(since: string, now: number): { unit: 'minutes' | 'hours' | 'days'; count: number } {
  const minutes = Math.max(0, Math.floor((now - Date.parse(since)) / 60_000));
  if (minutes < 120) return { unit: 'minutes', count: minutes };
  return minutes < 48 * 60
    ? { unit: 'hours', count: Math.floor(minutes / 60) }
    : { unit: 'days', count: Math.floor(minutes / 1440) };
}
