/** A code of the server whose family has no words at all would be shown raw. */
import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const root = new URL('../..', import.meta.url).pathname;
const korean = Object.keys(JSON.parse(readFileSync(`${root}/i18n/admin/ko.json`, 'utf8')) as Record<string, string>);

const asked = globSync('admin/src/**/*.{ts,svelte}', { cwd: root }).flatMap((file) =>
  [...readFileSync(`${root}/${file}`, 'utf8').matchAll(/known\(`([^`$]+)\$\{/g)].map((found) => [file, found[1] ?? '']),
);

test('each family of codes has words', () => {
  expect(asked.length).toBeGreaterThan(50);
  const without = asked.filter(([, family]) => !korean.some((key) => key.startsWith(family ?? '')));
  expect(without).toEqual([]);
});
