/** Fields for days and hours by the clock that the person chose; the browser's own fields know none but the device's. */
import { language } from './language.svelte.ts';
import { settings } from './settings.svelte.ts';
import { fieldIn, momentIn } from './zone-clock.ts';

export const ownZone = (): string | undefined => settings.of('timeZone') || undefined;
export const ownField = (at: Date): string => fieldIn(ownZone(), at);
export const ownMoment = (field: string): Date | null => momentIn(ownZone(), field);

/** Whose clock a field means: `대한민국 시간 (GMT+9)`, as it is then. */
export function ownZoneName(at: Date): string {
  const named = (timeZoneName: 'longGeneric' | 'shortOffset'): string =>
    new Intl.DateTimeFormat(language(), { ...(ownZone() ? { timeZone: ownZone() } : {}), timeZoneName })
      .formatToParts(at)
      .find(({ type }) => type === 'timeZoneName')?.value ?? '';
  const [name, offset] = [named('longGeneric'), named('shortOffset')];
  return name === offset ? name : `${name} (${offset})`;
}
