/** Each screen leads to a chapter and a section that are there, in both languages of the guide. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DOCS, topics } from '../../tools/guide/plugin.ts';
import { Guide, LANGUAGES } from '../../tools/guide/pages.ts';
import { OF_MAIL, OF_SECTION, OF_SETTINGS } from '../src/app/guide-chapters.ts';
import { OTHER_WORDS } from '../src/app/guide-words.ts';

const guide = new Guide(DOCS, 'user');
const chapters = Object.fromEntries(LANGUAGES.map((language) => [language, guide.chapters(language)]));
const targets = [
  ...[OF_MAIL, OF_SECTION, OF_SETTINGS].flatMap((map) => Object.values(map)),
  ...Object.keys(OTHER_WORDS),
];

/** What the lists of screens name: read, because they bring the screens' own symbols with them. */
function ids(list: string): string[] {
  const source = readFileSync(new URL(`../src/${list}.ts`, import.meta.url), 'utf8');
  return [...source.matchAll(/\bid: '([\w-]+)'/g)].map(([, id]) => id ?? '').sort();
}

describe('screens of the webmail', () => {
  it('all have a chapter', () => {
    expect(Object.keys(OF_SECTION).sort()).toEqual(ids('app/sections'));
    expect(Object.keys(OF_SETTINGS).sort()).toEqual(ids('panels/settings-pages'));
  });

  it.each(LANGUAGES)('lead to sections that are there (%s)', (language) => {
    for (const target of new Set(targets)) {
      const [id, section] = target.split('#');
      const chapter = chapters[language]?.find((each) => each.id === id);
      expect(chapter, target).toBeDefined();
      if (section !== undefined) expect(chapter?.anchors, target).toContain(section);
    }
  });
});

it.each(LANGUAGES)('what can be looked up is called alike in both languages, and has other words (%s)', (language) => {
  const found = topics('user', language);
  expect(new Set(found.map(({ to }) => to)).size).toBe(found.length);
  expect(found.map(({ to }) => to)).toEqual(topics('user', language === 'ko' ? 'en' : 'ko').map(({ to }) => to));
  for (const to of Object.keys(OTHER_WORDS)) expect(found.map((each) => each.to)).toContain(to);
  expect(found.find(({ to }) => to === 'receipts#recalling')).toEqual(
    language === 'ko'
      ? { to: 'receipts#recalling', title: '발송취소', of: '수신확인과 발송취소' }
      : { to: 'receipts#recalling', title: 'Recalling', of: 'Who has read it, and recalling' },
  );
});

describe('the pages', () => {
  const files = guide.files();
  const names = new Set(files.map(({ name }) => `/help/${name}`));
  const pages = files.filter(({ name }) => name.endsWith('.html'));
  const text = (page: (typeof files)[number]): string => String(page.source);

  it('need nothing that the policy of the app forbids, and nothing from elsewhere', () => {
    for (const page of pages) {
      expect(text(page)).not.toMatch(/<script|<style|\sstyle=|\son\w+=|javascript:/i);
      for (const [, target = ''] of text(page).matchAll(/(?:href|src)="([^"]+)"/g)) expect(target).toMatch(/^[/#]/);
    }
  });

  it('lead to pages, sections and pictures that are there', () => {
    const own = ['/help/guide.css', '/help/icon.svg'];
    for (const page of pages)
      for (const [, target = ''] of text(page).matchAll(/(?:href|src)="(\/[^"]+)"/g)) {
        const [path = '', section] = target.split('#');
        const file = path.includes('.') ? path : `${path}.html`;
        expect([...names, ...own], `${page.name}: ${target}`).toContain(file);
        const there = files.find(({ name }) => `/help/${name}` === file);
        if (section !== undefined && there) expect(text(there), target).toContain(`id="${section}"`);
      }
  });

  it('come in both languages, each with its pictures', () => {
    const of = (language: string): string[] =>
      files.filter(({ name }) => name.startsWith(`${language}/`)).map(({ name }) => name.slice(3));
    expect(of('ko')).toEqual(of('en'));
    expect(of('ko').length).toBeGreaterThan(15);
    const reading = pages.filter(({ name }) => name === 'ko/reading.html').map(text);
    expect(reading.join()).toContain('<img src="/help/pictures/ko/mail-list.png"');
  });
});
