/** Every offered language is complete, and no catalogue says something that the others do not know. */
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { OFFERED, OWN_NAME } from '../src/languages.ts';
import { pseudo } from '../src/pseudo.ts';
import type { Message } from '../src/translate.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const fileOf = (language: string): string => `${root}/i18n/catalogues/${language}.json`;
const read = (language: string): Record<string, Message> =>
  JSON.parse(readFileSync(fileOf(language), 'utf8')) as Record<string, Message>;
const ko = read('ko');

const forms = (message: Message): string[] => (typeof message === 'string' ? [message] : Object.values(message));
// Fields of merged letters stand in two braces and are words of the language.
const places = (message: Message): string[] =>
  [...new Set(forms(message).flatMap((text) => text.match(/(?<!\{)\{\w+\}(?!\})/g) ?? []))].sort();

test('all five languages are offered', () => {
  expect(OFFERED).toEqual(Object.keys(OWN_NAME));
});

describe.each(OFFERED)('%s', (language) => {
  const catalogue = read(language);

  test('has no unknown and no empty message', () => {
    const unknown = Object.keys(catalogue).filter((key) => !(key in ko));
    const empty = Object.entries(catalogue).filter(([, message]) => forms(message).some((text) => text.trim() === ''));
    expect([unknown, empty]).toEqual([[], []]);
  });

  test('fills only the places that Korean fills', () => {
    const odd = Object.entries(catalogue).filter(([key, message]) =>
      places(message).some((place) => !places(ko[key] ?? '').includes(place)),
    );
    expect(odd).toEqual([]);
  });

  test('keys are in order, so that changes merge', () => {
    expect(Object.keys(catalogue)).toEqual(Object.keys(catalogue).toSorted());
  });
});

test.each(OFFERED.map((language) => [language]))('%s is complete', (language) => {
  const catalogue = read(language);
  expect(Object.keys(ko).filter((key) => !(key in catalogue))).toEqual([]);
});

/** Scripts in which a language is not written: what was left untranslated, or mixed up between the two Chinese. */
const FOREIGN: Record<string, RegExp> = {
  en: /[\p{Script=Hangul}\p{Script=Han}\p{Script=Hiragana}]/u,
  ja: /\p{Script=Hangul}/u,
  'zh-Hans': /[\p{Script=Hangul}\p{Script=Hiragana}郵個與開關顯號]/u,
  'zh-Hant': /[\p{Script=Hangul}\p{Script=Hiragana}邮个与开关显号]/u,
};

test.each(Object.entries(FOREIGN))('%s is written in its own script', (language, foreign) => {
  const odd = Object.entries(read(language)).filter(([, message]) => forms(message).some((text) => foreign.test(text)));
  expect(odd).toEqual([]);
});

test('the pseudo-locale is longer by 40 % and keeps places', () => {
  expect(pseudo('Delete {count} mails')).toBe('[Délété {count} máïlš ~~~~~~]');
  for (const [key, message] of Object.entries(read('en'))) {
    expect([key, places(pseudo(message))]).toEqual([key, places(message)]);
    forms(message).forEach((text, n) => expect(forms(pseudo(message))[n]?.length).toBeGreaterThan(text.length * 1.2));
  }
});

test('every message is used, and every used message exists', () => {
  const source = globSync('{webmail,ui}/src/**/*.{ts,svelte}', { cwd: root })
    .map((file) => readFileSync(`${root}/${file}`, 'utf8'))
    .join('\n');
  // Keys made of a prefix and a value: mailbox.${role}, filter.${value}, settings.${theme} …
  const prefixes = [...source.matchAll(/`((?:[a-zA-Z]+\.)+)\$\{/g)].map((match) => match[1] ?? '');
  const unused = Object.keys(ko).filter(
    (key) => !source.includes(`'${key}'`) && !prefixes.some((prefix) => key.startsWith(prefix)),
  );
  expect(unused).toEqual([]);
});
