/**
 * Puts a guide into the build of an app as pages below `/help/`: closed networks have no other place to read it. The pages
 * are read in a tab of their own and cost the app nothing.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';
import { Guide, type GuideLanguage, type GuideName } from './pages.ts';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
export const DOCS = at('../../../docs');

/** The tokens of the apps for pages without a script: what a script would choose follows the device here. */
function tokens(): string {
  const source = readFileSync(at('../../ui/src/tokens.css'), 'utf8');
  const dark = /\n\[data-theme='dark'\] (\{[^}]*\})/.exec(source)?.[1];
  if (dark === undefined) throw new Error('the tokens have no dark theme');
  return `${source}\n@media (prefers-color-scheme: dark) {\n:root ${dark}\n}\n`;
}

/** Their pieces are called otherwise than those of the catalogues, which the server names in its answers. */
const ASKED = /^virtual:guide\/topics-(ko|en)$/;

/** What can be looked up in a guide: its chapters and their sections, as `virtual:guide/topics-ko` gives them to an app. */
export function topics(name: GuideName, language: GuideLanguage): Topic[] {
  return new Guide(DOCS, name)
    .chapters(language)
    .flatMap(({ id, title, sections }) => [
      { to: id, title },
      ...sections.map((each) => ({ to: `${id}#${each.anchor}`, title: each.title, of: title })),
    ]);
}

export interface Topic {
  /** Chapter and section, as the app's own map names them. */
  to: string;
  title: string;
  /** The chapter of a section. */
  of?: string;
}

export function guide(name: GuideName): Plugin {
  return {
    name: 'smartmail-guide',
    resolveId: (id) => (ASKED.test(id) ? `\0${id}` : undefined),
    load(id) {
      const [, language] = ASKED.exec(id.replace(/^\0/, '')) ?? [];
      if (language === undefined) return undefined;
      return `export default JSON.parse(${JSON.stringify(JSON.stringify(topics(name, language as GuideLanguage)))});`;
    },
    generateBundle() {
      const files = [
        ...new Guide(DOCS, name).files(),
        { name: 'icon.svg', source: readFileSync(at('../../webmail/src/app/icon.svg'), 'utf8') },
        { name: 'guide.css', source: tokens() + readFileSync(at('guide.css'), 'utf8') },
      ];
      for (const file of files) this.emitFile({ type: 'asset', fileName: `help/${file.name}`, source: file.source });
    },
  };
}
