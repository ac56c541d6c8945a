import { expect, test } from 'vitest';
import { fullDate, listDate, monthName, timeOfDay } from '../src/dates.ts';
import { withDirection } from '../src/korean.ts';
import { chooseLanguage, fromTag } from '../src/languages.ts';
import { languageOf } from '../src/scripts.ts';
import { formatSize } from '../src/sizes.ts';
import { translate } from '../src/translate.ts';

const SEOUL = 'Asia/Seoul';
const now = new Date('2026-11-24T09:00:00Z'); // 18:00 in Seoul

test.each([
  ['today', '2026-11-24T06:12:00Z', '오후 3:12'],
  ['today, though yesterday in UTC', '2026-11-23T15:05:00Z', '오전 12:05'],
  ['yesterday', '2026-11-23T14:59:00Z', '11-23'],
  ['this year', '2026-01-01T03:00:00Z', '01-01'],
  ['new year in Seoul, old year in UTC', '2025-12-31T15:00:00Z', '01-01'],
  ['before', '2025-11-24T03:00:00Z', '2025-11-24'],
])('%s', (_name, date, expected) => {
  expect(listDate(new Date(date), now, 'ko', SEOUL)).toBe(expected);
});

test('full dates read as people write them', () => {
  const date = new Date('2026-11-24T06:12:00Z');
  expect(fullDate(date, 'ko', SEOUL)).toBe('2026. 11. 24. (화) 오후 3:12');
  expect(fullDate(date, 'en', SEOUL)).toBe('Tue, Nov 24, 2026, 3:12 PM');
  expect(monthName(date, 'ko', SEOUL)).toBe('2026년 11월');
});

test.each([
  ['받은메일함', '받은메일함으로'],
  ['휴지통', '휴지통으로'],
  ['거래처', '거래처로'],
  ['서울', '서울로'],
  ['Archive', 'Archive(으)로'],
])('%s takes its particle', (word, expected) => {
  expect(withDirection(word)).toBe(expected);
});

test('plural forms and numbers', () => {
  const catalogue = { 'notice.deleted': { one: 'one mail', other: '{count} mails' } };
  expect(translate(catalogue, 'en', 'notice.deleted', { count: 1 })).toBe('one mail');
  expect(translate(catalogue, 'en', 'notice.deleted', { count: 12_345 })).toBe('12,345 mails');
  expect(translate(catalogue, 'ko', 'notice.deleted', { count: 1 })).toBe('one mail');
});

test('text that is filled in is not filled again', () => {
  expect(translate({ 'empty.search': '‘{text}’' }, 'ko', 'empty.search', { text: '{text}' })).toBe('‘{text}’');
});

test.each([
  [0, '0 B'],
  [1536, '2 KB'],
  [3_482_110, '3.3 MB'],
  [10_737_418_240, '10 GB'],
])('%i octets', (octets, expected) => {
  expect(formatSize(octets, 'ko')).toBe(expected);
});

test('languages of a browser', () => {
  expect([fromTag('zh-TW'), fromTag('zh-CN'), fromTag('en-GB'), fromTag('fr')]).toEqual([
    'zh-Hant',
    'zh-Hans',
    'en',
    null,
  ]);
  expect([chooseLanguage(['fr', 'en-US']), chooseLanguage(['fr']), chooseLanguage(['zh-HK'])]).toEqual([
    'en',
    'ko',
    'zh-Hant',
  ]);
});

test.each([
  ['예산 회의', 'ko'],
  ['見積書送付のご案内', 'ja'],
  ['关于会议的通知', 'zh-Hans'],
  ['關於會議的通知', 'zh-Hant'],
  ['三月', undefined],
  ['会議資料', undefined],
  ['Quarterly report', undefined],
  [null, undefined],
])('letters of %s', (text, language) => {
  expect(languageOf(text)).toBe(language);
});

test.each(['ko', 'en', 'ja', 'zh-Hans', 'zh-Hant'])('%s has both clocks, whatever its own habit is', (language) => {
  const date = new Date('2026-11-24T06:12:00Z');
  expect(timeOfDay(date, language, SEOUL, 'h23')).toBe('15:12');
  expect(listDate(date, now, language, SEOUL, 'h23')).toBe('15:12');
  expect(timeOfDay(new Date('2026-11-23T15:05:00Z'), language, SEOUL, 'h23')).toMatch(/^0?0:05$/);
  expect(timeOfDay(date, language, SEOUL, 'h12')).toMatch(/(^|\D)3:12/);
  expect(fullDate(date, language, SEOUL, 'h23')).toContain('15:12');
});
