/** Finding a setting by its name, by what stands under it, or by another word for it. */
import type { MessageKey } from '@smartmail/i18n/translate.ts';
import { initials } from '../app/people.ts';
import { t } from '../app/language.svelte.ts';
import { offeredPages, type SettingsPage } from './settings-pages.ts';

export interface Hit {
  page: SettingsPage;
  /** The setting on the page; null for the page itself. */
  setting: string | null;
}

const plain = (text: string): string => text.normalize('NFC').toLowerCase().replace(/\s+/g, '');

/** Other words for what is on a page, as people ask for it. */
function othersOf(page: SettingsPage): string[] {
  return t(`settingPages.also.${page.id}` as MessageKey).split(',');
}

/** How well a text answers: its beginning, inside of it, the first sounds of its syllables. */
function rank(text: string, wanted: string): number {
  const word = plain(text);
  if (word.startsWith(wanted)) return 3;
  if (word.includes(wanted)) return 2;
  return /^[ㄱ-ㅎ]+$/.test(wanted) && initials(word).includes(wanted) ? 1 : 0;
}

export function foundSettings(typed: string): Hit[] {
  const wanted = plain(typed);
  if (wanted === '') return [];
  const ranked = offeredPages().flatMap((page) => {
    const settings = page.holds.map((key) => ({
      hit: { page, setting: t(key) },
      rank: rank(t(key), wanted) * 2,
    }));
    const named = Math.max(rank(t(page.label), wanted) * 2 + 1, ...othersOf(page).map((word) => rank(word, wanted)));
    return [{ hit: { page, setting: null }, rank: named > 1 ? named : 0 }, ...settings];
  });
  return ranked
    .filter((one) => one.rank > 0)
    .sort((one, other) => other.rank - one.rank)
    .map((one) => one.hit);
}
