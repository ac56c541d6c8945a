/** The words on the screen, in the chosen language; changing it redraws everything. */
import ko from '@smartmail/i18n/admin/ko.json';
import { chooseLanguage, type Language, OWN_NAME } from '@smartmail/i18n/languages.ts';
import { type Message, translate, type Values } from '@smartmail/i18n/translate.ts';
import { speak } from '../api/client.ts';

export type AdminKey = keyof typeof ko;
type Catalogue = Partial<Record<AdminKey, Message>>;

/** The language that is in the first bundle. */
export const FIRST: Catalogue = ko;
/** Korean is in the first bundle; the others are fetched when somebody wants them. */
const others: Partial<Record<Language, () => Promise<{ default: Catalogue }>>> = {
  en: () => import('@smartmail/i18n/admin/en.json'),
  ja: () => import('@smartmail/i18n/admin/ja.json'),
  'zh-Hans': () => import('@smartmail/i18n/admin/zh-Hans.json'),
  'zh-Hant': () => import('@smartmail/i18n/admin/zh-Hant.json'),
};
export const LANGUAGES = Object.keys(OWN_NAME) as Language[];
const KEY = 'smartmail.admin.language';

let current = $state.raw<{ language: Language; catalogue: Catalogue }>({ language: 'ko', catalogue: FIRST });

export async function useLanguage(language: Language): Promise<void> {
  const load = others[language];
  const catalogue = load ? (await load()).default : FIRST;
  current = { language, catalogue };
  document.documentElement.lang = language;
  speak(language);
}

export async function chooseOwn(language: Language): Promise<void> {
  try {
    localStorage.setItem(KEY, language);
  } catch {
    // Private windows may have no storage: the choice then lasts as long as the page.
  }
  await useLanguage(language);
}

/** What was chosen on this device, else what the browser asks for. */
export function firstLanguage(): Language {
  let kept: string | null = null;
  try {
    kept = localStorage.getItem(KEY);
  } catch {
    kept = null;
  }
  return LANGUAGES.find((one) => one === kept) ?? chooseLanguage(navigator.languages);
}

export function t(key: AdminKey, values?: Values): string {
  return translate(current.catalogue, current.language, key, values);
}

/** A text that may be missing, because its key comes from the server. */
export function known(key: string, values?: Values): string {
  return key in current.catalogue ? t(key as AdminKey, values) : key.slice(key.indexOf('.') + 1);
}

/** Whether there is a text of such a key. */
export function has(key: string): key is AdminKey {
  return key in current.catalogue;
}

export function language(): Language {
  return current.language;
}
