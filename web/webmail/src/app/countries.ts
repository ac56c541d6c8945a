/** Countries as people read them: the name in their language. */
import { language } from './language.svelte.ts';

/** "대한민국 (KR)"; empty for none. */
export function countryText(code: string | null): string {
  if (!code || !/^[A-Z]{2}$/.test(code)) return '';
  return `${countryName(code)} (${code})`;
}

export function countryName(code: string): string {
  return new Intl.DisplayNames(language(), { type: 'region' }).of(code) ?? code;
}

/** Every country that the device has a name for, in the order of the reader's alphabet. */
export function countries(): { value: string; label: string }[] {
  const names = new Intl.DisplayNames(language(), { type: 'region', fallback: 'none' });
  const found: { value: string; label: string }[] = [];
  for (let first = 65; first <= 90; first += 1)
    for (let second = 65; second <= 90; second += 1) {
      const value = String.fromCharCode(first, second);
      const label = OTHER.has(value) ? undefined : names.of(value);
      if (label) found.push({ value, label });
    }
  return found.sort((one, two) => one.label.localeCompare(two.label, language()));
}

/** Regions with a name that are no place to sign in from, and codes that gave way to others (CLDR). */
const OTHER = new Set(
  'AN BU CS DD DY EU EZ FX HV NH NT PC QO QU RH SU TP UK UN VD WK XA XB YD YU ZR ZZ AC CP CQ DG EA IC TA'.split(' '),
);
