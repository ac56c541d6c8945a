/** A colour that is asked for by a name that no longer exists is black, or nothing: nobody is told. */
import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const root = new URL('../..', import.meta.url).pathname;
const sources = globSync('{ui,webmail,admin}/src/**/*.{svelte,ts,css}', { cwd: root }).map(
  (file) => [file, readFileSync(`${root}/${file}`, 'utf8')] as const,
);
const namesIn = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map((found) => found[1] ?? '');

test('each token that a source asks for is given somewhere', () => {
  const given = new Set(
    sources.flatMap(([, text]) => namesIn(text, /(?:style:|setProperty\(\s*['`]|[\s{;"'`])(--[\w-]+)['`]?\s*[:=,]/g)),
  );
  const asked = sources.flatMap(([file, text]) =>
    [...namesIn(text, /var\((--[\w-]+)\)/g), ...namesIn(text, /name\('(--[\w-]+)'\)/g)].map((name) => [file, name]),
  );
  expect(asked.length).toBeGreaterThan(500);
  expect(asked.filter(([, name]) => !given.has(name ?? ''))).toEqual([]);
});
