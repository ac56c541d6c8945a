/** The pages of a guide: a frame without a script around each chapter, a page of contents, and what both are made of. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Chapter, convert, type Picture, type Targets } from './markdown.ts';

export const LANGUAGES = ['ko', 'en'] as const;
export type GuideLanguage = (typeof LANGUAGES)[number];
export type GuideName = 'user' | 'admin';

/** One file below `help/`. */
export interface File {
  name: string;
  source: string | Uint8Array;
}

export interface NamedChapter extends Chapter {
  id: string;
}

const WORDS = {
  ko: {
    user: '사용자 안내서',
    admin: '관리자 안내서',
    contents: '차례',
    toContents: '차례로',
    toText: '본문으로',
    other: 'English',
    before: '앞',
    after: '다음',
  },
  en: {
    user: "User's guide",
    admin: "Administrator's guide",
    contents: 'Contents',
    toContents: 'To the contents',
    toText: 'To the text',
    other: '한국어',
    before: 'Before',
    after: 'Next',
  },
} as const;

const PICTURE = /^\.\.\/pictures\/((?:ko|en)\/[\w-]+\.png)$/;
const CHAPTER = /^([\w-]+)\.md(#.+)?$/;
const DATA = /^\.\.\/([\w-]+\.json)$/;
/** Of the repository, and not of the guide: the words stay, without a link. */
const ELSEWHERE = /^\.\.\/\.\.\/reference\/[\w-]+\.md$/;

/** Reads the guide of a name below `docs/`. */
export class Guide {
  readonly name: GuideName;
  private readonly folder: string;

  constructor(docs: string, name: GuideName) {
    this.name = name;
    this.folder = join(docs, `guide-${name}`);
  }

  /** All chapters of a language, in the order in which the guide's first page names them. */
  chapters(language: GuideLanguage): NamedChapter[] {
    const first = readFileSync(join(this.folder, 'README.md'), 'utf8');
    const named = [...first.matchAll(/\((?:ko|en)\/([\w-]+)\.md\)/g)].map(([, id]) => id ?? '');
    const lying = readdirSync(join(this.folder, language))
      .filter((file) => file.endsWith('.md'))
      .map((file) => file.slice(0, -3))
      .sort();
    const ids = [...new Set([...named, ...lying])].filter((id) => lying.includes(id));
    return ids.map((id) => (language === 'en' ? this.chapter(language, id) : this.twin(language, id)));
  }

  /** Sections answer to the names that they have in English too, so that the apps know one name for both. */
  private twin(language: GuideLanguage, id: string): NamedChapter {
    const { anchors } = this.chapter('en', id);
    const alone = this.chapter(language, id);
    return anchors.length === alone.anchors.length ? this.chapter(language, id, anchors) : alone;
  }

  private chapter(language: GuideLanguage, id: string, names: readonly string[] = []): NamedChapter {
    const file = join(this.folder, language, `${id}.md`);
    try {
      return { id, ...convert(readFileSync(file, 'utf8'), this.targets(language), names) };
    } catch (error) {
      throw new Error(`${file}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
  }

  private targets(language: GuideLanguage): Targets {
    return {
      link: (target) => {
        const [, chapter, anchor = ''] = CHAPTER.exec(target) ?? [];
        if (chapter) return `/help/${language}/${chapter}${anchor}`;
        const [, data] = DATA.exec(target) ?? [];
        if (data) return `/help/${data}`;
        if (ELSEWHERE.test(target)) return null;
        throw new Error(`leads out of the guide: ${target}`);
      },
      picture: (target) => this.picture(target),
    };
  }

  private picture(target: string): Picture | null {
    const [, name] = PICTURE.exec(target) ?? [];
    if (!name) throw new Error(`no picture of the guide: ${target}`);
    const file = join(this.folder, 'pictures', name);
    if (!existsSync(file)) return null;
    const png = readFileSync(file);
    // The first chunk of a PNG holds its size (PNG, third edition, 11.2.1).
    return { src: `/help/pictures/${name}`, width: png.readUInt32BE(16), height: png.readUInt32BE(20) };
  }

  /** Everything that is served below `help/`. */
  files(): File[] {
    const files: File[] = [];
    for (const language of LANGUAGES) {
      const chapters = this.chapters(language);
      files.push({ name: `${language}.html`, source: this.contents(language, chapters) });
      for (const chapter of chapters)
        files.push({ name: `${language}/${chapter.id}.html`, source: this.page(language, chapters, chapter) });
      const pictures = join(this.folder, 'pictures', language);
      for (const name of readdirSync(pictures))
        files.push({ name: `pictures/${language}/${name}`, source: readFileSync(join(pictures, name)) });
    }
    for (const name of readdirSync(this.folder).filter((each) => each.endsWith('.json')))
      files.push({ name, source: readFileSync(join(this.folder, name)) });
    return files;
  }

  private contents(language: GuideLanguage, chapters: readonly NamedChapter[]): string {
    const title = WORDS[language][this.name];
    const rows = chapters.map(
      ({ id, title: name }) => `<li><a href="/help/${language}/${id}">${escaped(name)}</a></li>`,
    );
    const inside = `<main id="text"><h1>${title}</h1><ol class="contents">${rows.join('')}</ol></main>`;
    return this.frame(language, '', title, inside);
  }

  private page(language: GuideLanguage, chapters: readonly NamedChapter[], shown: NamedChapter): string {
    const words = WORDS[language];
    const at = chapters.indexOf(shown);
    const beside = ([chapter, key]: [NamedChapter | undefined, 'before' | 'after']): string =>
      chapter
        ? `<a class="${key}" href="/help/${language}/${chapter.id}"><small>${words[key]}</small>${escaped(chapter.title)}</a>`
        : '';
    const steps = (
      [
        [chapters[at - 1], 'before'],
        [chapters[at + 1], 'after'],
      ] as const
    ).map((step) => beside([...step]));
    const inside = `<main id="text"><article>${shown.html}</article><p class="steps">${steps.join('')}</p></main>
<nav id="contents" aria-label="${words.contents}"><ul>${chapters.map((each) => this.row(language, each, shown)).join('')}</ul></nav>`;
    return this.frame(language, `/${shown.id}`, `${shown.title} · ${words[this.name]}`, inside);
  }

  private row(language: GuideLanguage, chapter: NamedChapter, shown: NamedChapter): string {
    const here = chapter === shown ? ' aria-current="page"' : '';
    return `<li><a href="/help/${language}/${chapter.id}"${here}>${escaped(chapter.title)}</a></li>`;
  }

  private frame(language: GuideLanguage, path: string, title: string, inside: string): string {
    const words = WORDS[language];
    const other = language === 'ko' ? 'en' : 'ko';
    const toContents = path === '' ? '' : `<a class="to-contents" href="#contents">${words.toContents}</a>`;
    return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(title)}</title>
<link rel="icon" href="/help/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/help/guide.css">
</head>
<body>
<a class="skip" href="#text">${words.toText}</a>
<header><a class="guide" href="/help/${language}">${words[this.name]}</a>${toContents}<a class="other" href="/help/${other}${path}" hreflang="${other}" lang="${other}">${words.other}</a></header>
<div class="page">
${inside}
</div>
</body>
</html>
`;
  }
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
