/** What the charts draw, made of what the API tells. Pure. */
import type { CounterValue, LiveFigures, TrendSeries, Trends } from '../api/types.ts';

export const RANGES = ['1h', '6h', '1d', '2d', '7d', '30d', '90d'] as const;
export type RangeOf = (typeof RANGES)[number];
export type Values = readonly (number | null)[];

/** The look of a line: a token of the design system, dashed where colour alone would tell it. */
export type Look = 'accent' | 'ok' | 'warn' | 'bad' | 'info' | 'quiet';

export interface Drawn {
  label: string;
  look: Look;
  dashed?: boolean;
  values: Values;
}

/** The line of a figure, all of its labels added up. */
export function summed(told: Trends, name: string, fits: (label: string) => boolean = () => true): Values {
  const lines = told.lines.filter((one) => one.name === name && fits(one.label));
  return told.times.map((_, at) => {
    const values = lines.map((one) => one.values[at] ?? null).filter((one) => one !== null);
    if (values.length > 0) return values.reduce((one, other) => one + other, 0);
    return watched(told, at) ? 0 : null;
  });
}

/** Whether anything of a company was measured then: nothing counted is zero only where somebody looked. */
function watched(told: Trends, at: number): boolean {
  return told.lines.some((one) => COMPANY.test(one.name) && (one.values[at] ?? null) !== null);
}
const COMPANY = /^(mail|verdict|login|queue)\b/;

export function labelsOf(told: Trends, name: string): string[] {
  return told.lines.filter((one) => one.name === name).map((one) => one.label);
}

export function lineOf(told: Trends, name: string, label: string): Values {
  return told.lines.find((one) => one.name === name && one.label === label)?.values ?? told.times.map(() => null);
}

export const total = (values: Values): number => values.reduce<number>((sum, one) => sum + (one ?? 0), 0);

/** The last that was measured. */
export function last(values: Values): number | null {
  return values.findLast((one) => one !== null) ?? null;
}

/** Which labels have the most, the most first. */
export function most(told: Trends, names: readonly string[], count: number): string[] {
  const sums = new Map<string, number>();
  for (const one of told.lines) {
    if (names.includes(one.name)) sums.set(one.label, (sums.get(one.label) ?? 0) + total(one.values));
  }
  const sorted = [...sums].filter(([, sum]) => sum > 0).sort(([, one], [, other]) => other - one);
  return sorted.slice(0, count).map(([label]) => label);
}

/** What a table says of a long range: every so many steps, so that it has at most `rows` rows. */
export function thinned(count: number, rows: number): number[] {
  const every = Math.max(1, Math.ceil(count / rows));
  return Array.from({ length: Math.ceil(count / every) }, (_, at) => Math.max(0, count - 1 - at * every)).reverse();
}

/**
 * The range with what has just happened: the minute that lasts is its last step. Null where that minute
 * is beyond the range, or steps are longer than a minute: then the range is asked for again.
 */
export function withNow(told: Trends, live: LiveFigures): Trends | null {
  const end = told.times.at(-1);
  const minute = Math.floor(Date.parse(live.at) / 60_000) * 60;
  if (end === undefined || told.stepSeconds !== 60 || minute !== end) return null;
  const at = told.times.length - 1;
  const lines = told.lines.map((one) => ({ ...one, values: [...one.values] }));
  const put = (name: string, label: string, kind: TrendSeries['kind'], value: number): void => {
    const line = lines.find((one) => one.name === name && one.label === label);
    if (line) line.values[at] = value;
    else
      lines.push({
        name,
        label,
        kind,
        unit: '',
        values: told.times.map((_, step) => (step === at ? value : watched(told, step) ? 0 : null)),
      });
  };
  for (const one of live.minute satisfies CounterValue[]) put(one.name, one.label, 'count', one.value);
  put('queue.waiting', '', 'gauge', live.waiting);
  put('queue.held', '', 'gauge', live.held);
  put('queue.oldest', '', 'gauge', live.oldestSeconds);
  return { ...told, lines };
}

/** How full a volume was, in per cent. */
export function used(told: Trends, label: string): (number | null)[] {
  const free = lineOf(told, 'volume.free', label);
  return lineOf(told, 'volume.total', label).map((all, at) => {
    const left = free[at] ?? null;
    return all === null || left === null || all === 0 ? null : Math.round(100 - (100 * left) / all);
  });
}

/** A stretch of time for the address of a page, in this place's clock. */
export function stretch(since: number, until: number): string {
  const local = (seconds: number): string => {
    const time = new Date(seconds * 1000);
    return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
  };
  return `since=${local(since)}&until=${local(until)}`;
}
