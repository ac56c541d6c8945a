/** Each page leads to a chapter and a section that are there, in both languages of the guide. */
import ko from '@smartmail/i18n/admin/ko.json';
import { expect, it } from 'vitest';
import { DOCS, topics } from '../../tools/guide/plugin.ts';
import { Guide, LANGUAGES } from '../../tools/guide/pages.ts';
import { topicsFor } from '../src/search/guide.ts';
import { CHAPTERS } from '../src/app/guide-chapters.ts';

const guide = new Guide(DOCS, 'admin');

it('all pages have a chapter', () => {
  const pages = Object.keys(ko).filter((key) => key.startsWith('page.'));
  expect(Object.keys(CHAPTERS).sort()).toEqual(['setup', ...pages.map((key) => key.slice('page.'.length))].sort());
});

it.each(LANGUAGES)('they lead to sections that are there (%s)', (language) => {
  const chapters = guide.chapters(language);
  for (const target of Object.values(CHAPTERS)) {
    const [id, section] = target.split('#');
    const chapter = chapters.find((each) => each.id === id);
    expect(chapter, target).toBeDefined();
    if (section !== undefined) expect(chapter?.anchors, target).toContain(section);
  }
});

it('links between chapters lead to sections that are there', () => {
  const files = guide.files();
  for (const { name, source } of files.filter((file) => file.name.endsWith('.html')))
    for (const [, path, section] of String(source).matchAll(/href="\/help\/((?:ko|en)(?:\/[\w-]+)?)(?:#([^"]+))?"/g)) {
      const there = files.find((file) => file.name === `${path}.html`);
      expect(there, `${name}: ${path}`).toBeDefined();
      if (section !== undefined) expect(String(there?.source), `${name}: ${section}`).toContain(`id="${section}"`);
    }
});

it('chapters and sections are found by every typed word, chapters first', () => {
  const find = (typed: string): string[] => topicsFor(typed, topics('admin', 'ko'), '').map((one) => one.title);
  expect(find('대기열')[0]).toContain('대기열');
  expect(find('정책')[0]).toBe('정책');
  expect(find('회수 메일')).toEqual(['격리, 발신자 목록, 해킹메일 신고 › 공격 메일 회수']);
  expect(topicsFor('회수', topics('admin', 'ko'), '')[0]?.href).toBe(
    '/help/ko/quarantine#taking-a-wave-out-of-all-mailboxes',
  );
  expect(find(' ')).toEqual([]);
  expect(find('의').length).toBeLessThanOrEqual(5);
});
