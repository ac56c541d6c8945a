/** Icons are descriptions after the build (`tools/icons.ts`), drawn by `drawn.ts`; their types still call them components. */
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { shapesOf } from '../../tools/icons.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const IMPORTED = /import (\w+) from '@lucide\/svelte\/icons\/([\w-]+)'/g;

const sources = globSync('{ui,webmail,admin}/src/**/*.{ts,svelte}', { cwd: ROOT }).map(
  (name) => [name, readFileSync(ROOT + name, 'utf8')] as const,
);
const imported = sources.flatMap(([file, text]) =>
  [...text.matchAll(IMPORTED)].map(([, local = '', icon = '']) => ({ file, text, local, icon })),
);

describe('icons', () => {
  test('each that is used is described by its package in the way that is known', () => {
    const names = new Set(imported.map(({ icon }) => icon));
    expect(names.size).toBeGreaterThan(100);
    for (const name of names) {
      const shapes = shapesOf(`${ROOT}node_modules/@lucide/svelte/dist/icons/${name}.js`);
      expect(shapes.length, name).toBeGreaterThan(0);
      for (const [element, attributes] of shapes) {
        expect(element, name).toMatch(/^(path|circle|rect|line|ellipse|polyline|polygon)$/);
        expect(Object.values(attributes).every((value) => typeof value === 'string')).toBe(true);
      }
    }
  });

  test('none is written as a component: it would draw nothing', () => {
    const wrong = imported.filter(({ text, local }) => new RegExp(`<${local}[\\s/>]`).test(text));
    expect(wrong.map(({ file, local }) => `${file}: <${local}>`)).toEqual([]);
  });
});
