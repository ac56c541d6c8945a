/** The form of a search and its line: each says what the other does, and nothing of a line is lost. */
import { expect, test } from 'vitest';
import { type Asked, nothingAsked, readAsked, writeAsked } from '../src/search/asked.ts';

const asked = (more: Partial<Asked>): Asked => ({ ...nothingAsked(), ...more });

test.each<[string, Partial<Asked>]>([
  [
    'from:seojian@x.test to:me subject:"납품 견적" 회의',
    { from: 'seojian@x.test', to: 'me', subject: '납품 견적', words: '회의' },
  ],
  ['newer_than:3m', { period: '3m' }],
  ['on:2026-09-01..2026-09-30', { period: 'between', first: '2026-09-01', last: '2026-09-30' }],
  ['on:2026-09-01', { period: 'between', first: '2026-09-01', last: '2026-09-01' }],
  ['after:2026-09-01', { period: 'between', first: '2026-09-01' }],
  // The last day counts: the line says the day that is out.
  ['before:2026-10-01', { period: 'between', last: '2026-09-30' }],
  ['before:2027-01-01', { period: 'between', last: '2026-12-31' }],
  ['has:attachment filename:xls larger:10M', { attachment: true, file: 'xls', larger: '10M' }],
  ['in:sent tag:"나중에 보기"', { mailbox: 'sent', tag: '나중에 보기' }],
  ['in:anywhere 견적', { mailbox: 'anywhere', words: '견적' }],
  ['is:unread is:starred -is:answered', { marks: ['is:unread', 'is:starred', '-is:answered'] }],
  ['', {}],
])('%s', (line, form) => {
  expect(readAsked(line)).toEqual(asked(form));
  expect(writeAsked(asked(form))).toBe(line);
});

test.each([
  // What the form has no field for, or a field only once.
  'from:kim from:lee',
  '-from:kim',
  'is:vip star:blue',
  'newer_than:10d 회의',
  'newer_than:7d after:2026-01-01',
  'on:2026-09',
  '(회의 OR meeting) 견적',
])('%s stays as it is', (line) => {
  expect(writeAsked(readAsked(line)).split(' ').sort()).toEqual(line.split(' ').sort());
});

test('words of other languages and short forms are read as the same', () => {
  expect(readAsked('보낸사람:김민지 상태:안읽음 첨부:첨부')).toMatchObject({
    from: '김민지',
    marks: ['is:unread'],
    attachment: true,
  });
});

test('an interval without days asks for nothing', () => {
  expect(writeAsked(asked({ period: 'between' }))).toBe('');
  expect(writeAsked(asked({ from: '   ' }))).toBe('');
});
