/**
 * Each catalogue in two pieces: the words of the first page, which it waits for, and all others, which come beside it.
 * Which are which is read from the sources: what the entry, and the page on which one signs in, reach without `import()`.
 */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const FIRST = ['main.ts', 'screens/outside.ts'];
const ASKED = /^virtual:words\/(later-)?([\w-]+)$/;
const IMPORTS = /^\s*(?:import|export)\s+(?!type\b)[^'"]*?from\s*'([^']+)'|^\s*import\s*'([^']+)'/gm;

/** The sources that a module reaches by static imports, itself first. */
function reached(path: string, found = new Map<string, string>()): Map<string, string> {
  if (found.has(path) || !/\.(ts|svelte)$/.test(path)) return found;
  const source = readFileSync(path, 'utf8');
  found.set(path, source);
  for (const [, named, bare] of source.matchAll(IMPORTS)) {
    const wanted = named ?? bare ?? '';
    const own = /^@smartmail\/(\w+)\/(?!catalogues\/)(.+)$/.exec(wanted);
    if (own) reached(resolve(ROOT, own[1] ?? '', 'src', own[2] ?? ''), found);
    else if (wanted.startsWith('.')) reached(resolve(dirname(path), wanted), found);
  }
  return found;
}

/** Says of a key whether the first page uses it: as it stands, or made of a prefix and a value. */
export function onFirstPage(entries = FIRST): (key: string) => boolean {
  const found = new Map<string, string>();
  for (const entry of entries) reached(resolve(ROOT, 'webmail/src', entry), found);
  const source = [...found.values()].join('\n');
  const prefixes = [...source.matchAll(/`((?:[a-zA-Z]+\.)+)\$\{/g)].map((match) => match[1] ?? '');
  const quoted = new Set([...source.matchAll(/'([\w.-]+)'/g)].map((match) => match[1]));
  return (key) => quoted.has(key) || prefixes.some((prefix) => key.startsWith(prefix));
}

export const words: Plugin = {
  name: 'smartmail-words',
  resolveId: (id) => (ASKED.test(id) ? `\0${id}` : undefined),
  load(id) {
    const [, later, language] = ASKED.exec(id.replace(/^\0/, '')) ?? [];
    if (language === undefined) return undefined;
    const file = resolve(ROOT, `i18n/catalogues/${language}.json`);
    this.addWatchFile(file);
    const isFirst = onFirstPage();
    const all = Object.entries(JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>);
    const kept = Object.fromEntries(all.filter(([key]) => isFirst(key) === (later === undefined)));
    return `export default JSON.parse(${JSON.stringify(JSON.stringify(kept))});`;
  },
};
