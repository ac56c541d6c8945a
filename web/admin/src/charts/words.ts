/** Lengths of time as the charts write them. */
import { t } from '../app/language.svelte.ts';

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;

export function span(seconds: number): string {
  if (seconds < 2 * MINUTE) return t('chart.seconds', { count: seconds });
  if (seconds < 2 * HOUR) return t('chart.minutes', { count: Math.floor(seconds / MINUTE) });
  if (seconds < 2 * DAY) return t('chart.hours', { count: Math.floor(seconds / HOUR) });
  return t('chart.spanDays', { count: Math.floor(seconds / DAY) });
}
