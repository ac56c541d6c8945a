/** The words of the admin web: complete in all five languages, filled in the same places, none unused. */
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { OWN_NAME } from '../src/languages.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
type Words = string | Record<string, string>;
const read = (language: string): Record<string, Words> =>
  JSON.parse(readFileSync(`${root}/i18n/admin/${language}.json`, 'utf8')) as Record<string, Words>;
/** A text, or each of its plural forms. */
const forms = (words: Words = ''): string[] => (typeof words === 'string' ? [words] : Object.values(words));
const ko = read('ko');
const placesOf = (text: string): string => (text.match(/\{\w+\}/g) ?? []).sort().join();
const places = (words?: Words): string => [...new Set(forms(words).map(placesOf))].join(' or ');

describe.each(Object.keys(OWN_NAME))('%s', (language) => {
  const catalogue = read(language);

  test('says everything, nothing more, nothing empty, in order', () => {
    expect(Object.keys(catalogue)).toEqual(Object.keys(ko));
    expect(Object.keys(catalogue)).toEqual(Object.keys(catalogue).toSorted());
    expect(Object.entries(catalogue).filter(([, words]) => forms(words).some((text) => text.trim() === ''))).toEqual(
      [],
    );
  });

  test('fills the places that Korean fills', () => {
    expect(Object.keys(ko).filter((key) => places(ko[key]) !== places(catalogue[key]))).toEqual([]);
  });
});

test('every word is used, and every used word exists', () => {
  const source = globSync('admin/src/**/*.{ts,svelte}', { cwd: root })
    .map((file) => readFileSync(`${root}/${file}`, 'utf8'))
    .join('\n');
  const prefixes = [...source.matchAll(/`([a-zA-Z]+\.)\$\{/g)].map((match) => match[1] ?? '');
  const unused = Object.keys(ko).filter(
    (key) =>
      !source.includes(`'${key}'`) &&
      !source.includes(`="${key}"`) &&
      !prefixes.some((prefix) => key.startsWith(prefix)),
  );
  expect(unused).toEqual([]);
});
