import { expect, test } from 'vitest';
import { looser } from '../src/search/relaxing.ts';

const lines = (line: string): string[] => looser(line).map((one) => one.line);

test('one part less each, chips and words alike, then each alone, then everywhere', () => {
  expect(lines('from:박서준 예산 없는말')).toEqual([
    '예산 없는말',
    'from:박서준 없는말',
    'from:박서준 예산',
    'from:박서준',
    '예산',
    '없는말',
    'from:박서준 예산 없는말 in:anywhere',
  ]);
});

test('what was said in quotes is one part', () => {
  expect(lines('"연차 사용" 계획')).toEqual(['계획', '"연차 사용"', '"연차 사용" 계획 in:anywhere']);
});

test('a single word has nothing to leave out', () => {
  expect(lines('없는말')).toEqual(['없는말 in:anywhere']);
});

test('who names a mailbox means it', () => {
  expect(lines('in:휴지통 예산')).toEqual(['예산', 'in:휴지통']);
});

test('groups are not torn apart', () => {
  expect(lines('(a OR b) c')).toEqual(['(a OR b) c in:anywhere']);
});

test('the server is not asked for ever', () => {
  expect(looser('a b c d e f g h i j').length).toBeLessThan(10);
});

test('alone stands only what says what is looked for', () => {
  const alone = looser('is:unread -광고 예산').filter(({ how }) => how === 'only');
  expect(alone.map(({ line }) => line)).toEqual(['예산']);
});
