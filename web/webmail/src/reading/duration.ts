/** How long a hop took, in words. */
import { t } from '../app/language.svelte.ts';

/** A hop that took longer is worth a look. */
export const SLOW_S = 300;

export function lasted(seconds: number): string {
  if (seconds < 60) return t('route.seconds', { count: seconds });
  if (seconds < 3600) return t('route.minutes', { count: Math.round(seconds / 60) });
  return t('route.hours', { count: Math.round(seconds / 3600) });
}
