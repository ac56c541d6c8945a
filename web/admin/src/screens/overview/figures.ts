/** The figures of today out of what was measured by the hour. Pure. */
import type { Trends } from '../../api/types.ts';
import { summed, type Values } from '../../charts/data.ts';

export interface Today {
  /** Since midnight here; null: nothing was measured. */
  value: number | null;
  /** The same hours of yesterday; null where none of them was measured. */
  before: number | null;
  /** The last day by the hour, for the small line. */
  spark: number[];
}

const HOURS = 24;

function added(values: Values): number | null {
  const measured = values.filter((one) => one !== null);
  return measured.length > 0 ? measured.reduce((one, other) => one + other, 0) : null;
}

/** `now` in milliseconds; midnight is that of the reader's clock. */
export function today(told: Trends, values: Values, now: number): Today {
  const midnight = new Date(now).setHours(0, 0, 0, 0) / 1000;
  const begin = told.times.findIndex((at) => at >= midnight);
  const from = begin < 0 ? told.times.length : begin;
  const hours = told.times.length - from;
  return {
    value: added(values.slice(from)),
    before: from >= HOURS ? added(values.slice(from - HOURS, from - HOURS + hours)) : null,
    spark: values.slice(-HOURS).map((one) => one ?? 0),
  };
}

/** By how many per cent more or less than before; null where there is nothing to compare with. */
export function change(one: Today): number | null {
  if (one.value === null || one.before === null || one.before === 0) return null;
  return Math.round((100 * (one.value - one.before)) / one.before);
}

const BLOCKED = new Set(['junk', 'quarantine', 'refused', 'reject']);
export const spam = (told: Trends): Values => summed(told, 'verdict', (label) => BLOCKED.has(label));

/** Points of a line in a box of that size, the highest value at its top. */
export function points(values: readonly number[], width: number, height: number): string {
  const most = Math.max(1, ...values);
  const step = width / Math.max(1, values.length - 1);
  return values.map((one, at) => `${(at * step).toFixed(1)},${(height - (one / most) * height).toFixed(1)}`).join(' ');
}
