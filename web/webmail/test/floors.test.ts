/** The order of the folders is kept by the linter: what it must refuse is refused, however it is imported. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ESLint } from 'eslint';
import { describe, expect, it } from 'vitest';
import { BESIDE, FLOORS, MAY_IMPORT } from '../../tools/floors.mjs';

const WEB = fileURLToPath(new URL('../..', import.meta.url));
const SRC = fileURLToPath(new URL('../src', import.meta.url));
const eslint = new ESLint({ cwd: WEB });

/** Messages of the rule about a file of this name and content; the file itself need not be there. */
async function refused(file: string, content: string): Promise<string[]> {
  const [result] = await eslint.lintText(content, { filePath: `${WEB}/webmail/src/${file}` });
  return (result?.messages ?? [])
    .filter(({ ruleId }) => ruleId === 'boundaries/dependencies')
    .map((one) => one.message);
}

describe('the floors of the webmail', () => {
  it('name every folder of the sources once', () => {
    const folders = readdirSync(SRC, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect([...FLOORS.flat()].sort()).toEqual(folders.map(({ name }) => name).sort());
  });

  it('have no circle', () => {
    const seen = new Set<string>();
    const visit = (folder: string, way: readonly string[]): void => {
      expect(way, 'a circle').not.toContain(folder);
      if (seen.has(folder)) return;
      for (const below of MAY_IMPORT[folder] ?? []) visit(below, [...way, folder]);
      seen.add(folder);
    };
    for (const folder of Object.keys(BESIDE)) visit(folder, []);
  });
});

describe('the linter', { timeout: 120_000 }, () => {
  it.each([
    ['a floor above', 'app/seeded.ts', "import { book } from '../people/book.svelte.ts';\nexport const it = book;\n"],
    ['a type', 'app/seeded.ts', "import type { Draft } from '../writing/draft.svelte.ts';\nexport type It = Draft;\n"],
    ['late', 'actions/seeded.ts', "export const it = import('../saving/save.ts');\n"],
    ['by an export', 'app/seeded.ts', "export { book } from '../people/book.svelte.ts';\n"],
    ['a feature beside it', 'rules/seeded.ts', "import '../pulls/words.ts';\n"],
    ['in a component', 'people/Seeded.svelte', '<script lang="ts">import \'../contacts/acts.ts\';</script>\n'],
    ['from a folder within', 'settings/account/seeded.ts', "import '../../pulls/words.ts';\n"],
    ['a screen', 'panels/seeded.ts', "import '../screens/live.ts';\n"],
    ['another app', 'screens/seeded.ts', "import '../../../admin/src/app/place.svelte.ts';\n"],
  ])('refuses %s', async (_, file, content) => {
    expect(await refused(file, content)).toHaveLength(1);
  });

  it.each([
    ['a floor below', 'screens/seeded.ts', "import '../panels/commands.ts';\n"],
    ['itself', 'settings/account/seeded.ts', "import '../QuietDays.svelte';\n"],
    ['a declared feature', 'search/seeded.ts', "import '../rules/words.ts';\n"],
    ['another package', 'app/seeded.ts', "import '@smartmail/jmap/records.ts';\n"],
  ])('lets %s be imported', async (_, file, content) => {
    expect(await refused(file, content)).toEqual([]);
  });
});
