/** The file that is shown by its first page beside a letter: none of it is fetched for mail that somebody should doubt. */
import { expect, it } from 'vitest';
import type { Inspection } from '@smartmail/jmap/types.ts';
import { glanceAt, MOST_OCTETS } from '../src/reading/glance.ts';

const file = (name: string, size = 1000, blobId: string | null = 'b1') => ({
  name,
  type: 'application/octet-stream',
  size,
  blobId,
});
const found = (rule: string) => ({ reasons: [{ rule, weight: 1 }] }) as unknown as Inspection;
const FILES = [file('예산.xlsx'), file('견적서.PDF'), file('사진.jpg')];

it('takes the first picture or PDF', () => {
  expect(glanceAt(FILES, null, false)).toBe(1);
  expect(glanceAt([file('사진.jpg'), file('견적서.pdf')], found('first-to-person'), false)).toBe(0);
  expect(glanceAt([file('예산.xlsx')], null, false)).toBe(-1);
  expect(glanceAt([], null, false)).toBe(-1);
});

it('fetches nothing large, nothing that is not there', () => {
  expect(glanceAt([file('도면.pdf', MOST_OCTETS)], null, false)).toBe(0);
  expect(glanceAt([file('도면.pdf', MOST_OCTETS + 1), file('작은.pdf')], null, false)).toBe(-1);
  expect(glanceAt([file('도면.pdf', 10, null)], null, false)).toBe(-1);
});

it.each(['bec', 'virus', 'dmarc-fail', 'file-disguised'])('opens nothing by itself of mail with %s', (rule) => {
  expect(glanceAt(FILES, found(rule), false)).toBe(-1);
});

it('opens nothing of spam, or before the server has told what it found', () => {
  expect(glanceAt(FILES, undefined, false)).toBe(-1);
  expect(glanceAt(FILES, null, true)).toBe(-1);
});
