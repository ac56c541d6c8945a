/**
 * Icons as what they consist of. A module of the package is a component that works out the same drawing each time from a
 * description, and carries code of its own; here it is the description alone, and `ui/src/drawn.ts` draws it.
 */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Plugin } from 'vite';

const MODULE = /@lucide\/svelte\/dist\/icons\/[\w-]+\.js$/;
/** Also of another name for the same icon. */
const DRAWN_IN = /from ['"](\.\/[\w-]+\.svelte)['"]/;
const DESCRIPTION = /^const iconData = (\{.*\});$/m;

/** The shapes of an icon: names of SVG elements with their attributes, as its package describes them. */
export function shapesOf(module: string): [string, Record<string, string>][] {
  const file = DRAWN_IN.exec(readFileSync(module, 'utf8'))?.[1];
  const told = file && DESCRIPTION.exec(readFileSync(resolve(dirname(module), file), 'utf8'))?.[1];
  if (!told) throw new Error(`${module} describes its icon in another way than is known here`);
  return (JSON.parse(told) as { node: [string, Record<string, string>][] }).node;
}

export const icons: Plugin = {
  name: 'smartmail-icons',
  enforce: 'pre',
  load: (id) => (MODULE.test(id) ? `export default ${JSON.stringify(shapesOf(id))};` : undefined),
};
