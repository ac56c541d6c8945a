/** The server's orders of names are those of the browser: what a page sorts itself stands as in the server's lists. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { collationOf } from '../src/collation.ts';

const file = `${import.meta.dirname}/../../../tests/unit/formats/collation_orders.json`;
const orders = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string[]>;

test.each(Object.entries(orders))('names in %s stand as Intl.Collator has them', (language, names) => {
  expect(names.toReversed().toSorted(new Intl.Collator(language).compare)).toEqual(names);
});

test('a language has a collation of its name', () => {
  expect(collationOf('zh-Hant')).toBe('zh-Hant;vnd-smartmail.example;cldr');
});
