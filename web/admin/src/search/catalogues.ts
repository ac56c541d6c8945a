/** The words of the admin web in every language: fetched when somebody looks for something. */
import { FIRST } from '../app/language.svelte.ts';

type Catalogue = Readonly<Record<string, unknown>>;

let asked: Promise<Catalogue[]> | null = null;

export function everyCatalogue(): Promise<Catalogue[]> {
  asked ??= Promise.all([
    import('@smartmail/i18n/admin/en.json'),
    import('@smartmail/i18n/admin/ja.json'),
    import('@smartmail/i18n/admin/zh-Hans.json'),
    import('@smartmail/i18n/admin/zh-Hant.json'),
  ]).then((all) => [FIRST, ...all.map((one) => one.default as Catalogue)]);
  return asked;
}
