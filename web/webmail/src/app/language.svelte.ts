/** The words on the screen, in the chosen language; changing it redraws everything. */
import ko from '@smartmail/i18n/catalogues/ko.json';
import type { Language } from '@smartmail/i18n/languages.ts';
import { type Catalogue, type MessageKey, translate, type Values } from '@smartmail/i18n/translate.ts';

/** Korean is in the first bundle; the others are fetched when somebody wants them. */
const others: Partial<Record<Language, () => Promise<{ default: Catalogue }>>> = {
  en: () => import('@smartmail/i18n/catalogues/en.json'),
};

let current = $state.raw<{ language: Language; catalogue: Catalogue }>({ language: 'ko', catalogue: ko });

export async function useLanguage(language: Language): Promise<void> {
  const load = others[language];
  const catalogue = load ? (await load()).default : ko;
  current = { language: load ? language : 'ko', catalogue };
}

export function t(key: MessageKey, values?: Values): string {
  return translate(current.catalogue, current.language, key, values);
}

export function language(): Language {
  return current.language;
}
