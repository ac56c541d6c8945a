/** The words on the screen, in the chosen language; changing it redraws everything. */
import type { Language } from '@smartmail/i18n/languages.ts';
import { type Catalogue, type MessageKey, translate, type Values } from '@smartmail/i18n/translate.ts';

type Words = () => Promise<{ default: Catalogue }>;

/** Only the catalogue in use is fetched, in two pieces (`tools/words.ts`): what the first page needs, and the rest. */
const CATALOGUES: Record<Language, readonly [first: Words, later: Words]> = {
  ko: [() => import('virtual:words/ko'), () => import('virtual:words/later-ko')],
  en: [() => import('virtual:words/en'), () => import('virtual:words/later-en')],
  ja: [() => import('virtual:words/ja'), () => import('virtual:words/later-ja')],
  'zh-Hans': [() => import('virtual:words/zh-Hans'), () => import('virtual:words/later-zh-Hans')],
  'zh-Hant': [() => import('virtual:words/zh-Hant'), () => import('virtual:words/later-zh-Hant')],
};
/** Until words that did not come are asked for again. */
const AGAIN_MS = 2000;

/** What was chosen last; its words may still be on their way. */
let wanted: Language | null = null;
/** Of this language only the first words are here. */
let owed: Language | null = null;
let arriving: Promise<void> = Promise.resolve();
let current = $state.raw<{ language: Language; catalogue: Catalogue; whole: boolean }>({
  language: 'ko',
  catalogue: {},
  whole: true,
});

export async function useLanguage(language: Language): Promise<void> {
  wanted = language;
  const catalogue = await catalogueOf(language);
  // Of two choices in a row the later one counts, whichever words come first.
  if (wanted === language) current = { language, catalogue, whole: true };
}

/** For the first page, which waits for its own words only. All others come when the rows are there, or one is missed. */
export async function beginLanguage(language: Language): Promise<void> {
  if (isPseudo()) return useLanguage(language);
  wanted = language;
  current = { language, catalogue: (await CATALOGUES[language][0]()).default, whole: false };
  owed = language;
}

/** Fetches the words that are not here yet; settles when they have come. */
export function wholeLanguage(): Promise<void> {
  if (owed !== null) arriving = arrive(owed);
  owed = null;
  return arriving;
}

async function arrive(language: Language): Promise<void> {
  for (;;) {
    try {
      const catalogue = await catalogueOf(language);
      // Another language may have been chosen meanwhile.
      if (current.language === language) current = { language, catalogue, whole: true };
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }
}

/** A screen that is fetched later, with all its words. */
export async function withWords<T>(screen: Promise<T>): Promise<T> {
  const [loaded] = await Promise.all([screen, wholeLanguage()]);
  return loaded;
}

/** The words of a language, also of one that is not on the screen. */
export async function catalogueOf(language: Language): Promise<Catalogue> {
  const catalogue = await bothOf(language);
  if (!isPseudo()) return catalogue;
  const { pseudo } = await import('@smartmail/i18n/pseudo.ts');
  const english = await bothOf('en');
  return Object.fromEntries(Object.entries(english).map(([key, message]) => [key, pseudo(message)])) as Catalogue;
}

/** In the demo build, `?pseudo` shows what a longer language would do to every screen. */
const isPseudo = (): boolean => __DEMO__ && new URLSearchParams(location.search).has('pseudo');

async function bothOf(language: Language): Promise<Catalogue> {
  const [first, later] = await Promise.all(CATALOGUES[language].map((load) => load()));
  return { ...first?.default, ...later?.default };
}

export function t(key: MessageKey, values?: Values): string {
  const { catalogue, language, whole } = current;
  if (catalogue[key] === undefined && !whole) {
    void wholeLanguage();
    return '';
  }
  return translate(catalogue, language, key, values);
}

export function language(): Language {
  return current.language;
}

/** What a person chose on another device, or in another window, holds here at once. */
export async function followLanguage(language: Language): Promise<void> {
  if (language === wanted) return;
  await useLanguage(language).catch(() => (wanted = null));
}
