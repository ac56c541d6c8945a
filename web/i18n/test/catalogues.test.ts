/** Every offered language is complete, and no catalogue says something that the others do not know. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { type Language, OFFERED, OWN_NAME } from '../src/languages.ts';
import type { Message } from '../src/translate.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const fileOf = (language: string): string => `${root}/i18n/catalogues/${language}.json`;
const read = (language: string): Record<string, Message> =>
  JSON.parse(readFileSync(fileOf(language), 'utf8')) as Record<string, Message>;
const ko = read('ko');
const languages = (Object.keys(OWN_NAME) as Language[]).filter((language) => existsSync(fileOf(language)));

const forms = (message: Message): string[] => (typeof message === 'string' ? [message] : Object.values(message));
const places = (message: Message): string[] =>
  [...new Set(forms(message).flatMap((text) => text.match(/\{\w+\}/g) ?? []))].sort();

describe.each(languages)('%s', (language) => {
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
  expect(Object.keys(ko).filter((key) => !(key in read(language)))).toEqual([]);
});

test('every message is used, and every used message exists', () => {
  const source = globSync('{webmail,ui}/src/**/*.{ts,svelte}', { cwd: root })
    .map((file) => readFileSync(`${root}/${file}`, 'utf8'))
    .join('\n');
  // Keys made of a prefix and a value: mailbox.${role}, filter.${value}, settings.${theme} …
  const prefixes = [...source.matchAll(/`([a-zA-Z]+\.)\$\{/g)].map((match) => match[1] ?? '');
  const unused = Object.keys(ko).filter(
    (key) => !source.includes(`'${key}'`) && !prefixes.some((prefix) => key.startsWith(prefix)),
  );
  expect(unused).toEqual([]);
});
