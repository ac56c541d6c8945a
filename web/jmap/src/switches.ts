/** Other ways to read a search line than as typed: by initials, another keyboard, hanja, other forms of characters. */
import type { SearchSwitch } from './methods.ts';

export const SWITCHES: readonly SearchSwitch[] = ['initials', 'keyboard', 'hanja', 'variants'];
/** Without one of these: where the words could be meant so. */
export type SwitchWishes = Partial<Record<SearchSwitch, 'always' | 'never'>>;

/** Each costs the server a look, and rows say what helped. */
export function switchesFor(line: string, wishes: SwitchWishes = {}): SearchSwitch[] {
  const words = line.replace(/[\p{L}_]+:/gu, ' ');
  return SWITCHES.filter((each) => {
    const wish = wishes[each];
    return wish === undefined ? COULD_BE[each].test(words) : wish === 'always';
  });
}

const COULD_BE: Record<SearchSwitch, RegExp> = {
  initials: /[ㄱ-ㅎ]{2,}/,
  // Korean typed with the keyboard left in Latin mode.
  keyboard: /(^|\s)[a-z]{4,}(\s|$)/i,
  hanja: /\p{Script=Han}/u,
  variants: /\p{Script=Han}/u,
};
