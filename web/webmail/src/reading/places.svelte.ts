/** Countries in words, and as flags where a company wants them. */
import { language } from '../app/language.svelte.ts';

/** A flag made of the two letters; systems without such pictures show the letters themselves. */
export const flag = (code: string): string =>
  String.fromCodePoint(...[...code.toUpperCase()].map((letter) => 0x1f1a5 + letter.charCodeAt(0)));

export function countryName(code: string): string {
  try {
    return new Intl.DisplayNames([language()], { type: 'region' }).of(code) ?? code;
  } catch {
    return code;
  }
}
