import { globSync, readFileSync } from 'node:fs';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { icons } from './tools/icons.ts';
import { words } from './tools/words.ts';

const tests = globSync('{jmap,ui,i18n,webmail,admin}/test/**/*.test.ts', { cwd: import.meta.dirname });
/** A file that replaces a module, a global or the timers needs modules which no other file has loaded. */
const replaces = (file: string): boolean =>
  /\bvi\.(mock|hoisted|stubGlobal|useFakeTimers)\(/.test(readFileSync(`${import.meta.dirname}/${file}`, 'utf8'));
const alone = tests.filter(replaces);

export default defineConfig({
  plugins: [svelte({ configFile: false }), icons, words],
  test: {
    environment: 'node',
    projects: [
      { extends: true, test: { name: 'alone', include: alone } },
      // Loading the modules anew for each file costs more than the tests themselves.
      { extends: true, test: { name: 'shared', include: tests, exclude: alone, isolate: false } },
    ],
  },
});
