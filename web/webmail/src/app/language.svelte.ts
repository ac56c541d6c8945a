/** The words on the screen, in the chosen language; changing it redraws everything. */
import type { Language } from '@smartmail/i18n/languages.ts';
import { type Catalogue, type MessageKey, translate, type Values } from '@smartmail/i18n/translate.ts';

/** Only the catalogue in use is fetched. */
const CATALOGUES: Record<Language, () => Promise<{ default: Catalogue }>> = {
  ko: () => import('@smartmail/i18n/catalogues/ko.json'),
  en: () => import('@smartmail/i18n/catalogues/en.json'),
  ja: () => import('@smartmail/i18n/catalogues/ja.json'),
  'zh-Hans': () => import('@smartmail/i18n/catalogues/zh-Hans.json'),
  'zh-Hant': () => import('@smartmail/i18n/catalogues/zh-Hant.json'),
};

let current = $state.raw<{ language: Language; catalogue: Catalogue }>({ language: 'ko', catalogue: {} });

export async function useLanguage(language: Language): Promise<void> {
  current = { language, catalogue: await catalogueOf(language) };
}

/** The words of a language, also of one that is not on the screen. */
export async function catalogueOf(language: Language): Promise<Catalogue> {
  const { default: catalogue } = await CATALOGUES[language]();
  // In the demo build, `?pseudo` shows what a longer language would do to every screen.
  if (!__DEMO__ || !new URLSearchParams(location.search).has('pseudo')) return catalogue;
  const { pseudo } = await import('@smartmail/i18n/pseudo.ts');
  const { default: english } = await CATALOGUES.en();
  return Object.fromEntries(Object.entries(english).map(([key, message]) => [key, pseudo(message)])) as Catalogue;
}

export function t(key: MessageKey, values?: Values): string {
  return translate(current.catalogue, current.language, key, values);
}

export function language(): Language {
  return current.language;
}
