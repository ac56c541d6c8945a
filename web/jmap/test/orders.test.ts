import { expect, test } from 'vitest';
import { questionOf } from '../src/local/mail.ts';
import { inOrder, NEWEST_FIRST, sortOf } from '../src/orders.ts';

const row = (id: string, name: string, subject: string, size: number) => ({
  id,
  from: [{ name, email: `${id}@a.example` }],
  subject,
  size,
  receivedAt: '2026-12-01T00:00:00Z',
});
const newestFirst = () => [row('3', '나', '회의', 10), row('2', '가', '견적', 30), row('1', '나', '안내', 20)];
const ids = (rows: { id: string }[]): string => rows.map(({ id }) => id).join('');

test('rows that lie here stand as a server would put them', () => {
  expect(ids(inOrder(newestFirst()))).toBe('321');
  expect(ids(inOrder(newestFirst(), sortOf('oldest')))).toBe('123');
  // Of one sender the newest first.
  expect(ids(inOrder(newestFirst(), sortOf('from')))).toBe('231');
  expect(ids(inOrder(newestFirst(), sortOf('subject')))).toBe('213');
  expect(ids(inOrder(newestFirst(), sortOf('size')))).toBe('213');
});

test('another order is another list; the usual one is the one that devices have kept', () => {
  const filter = { inMailbox: 'a' };
  expect(questionOf({ filter, sort: NEWEST_FIRST })).toBe(questionOf({ filter }));
  expect(questionOf({ filter })).toBe('[{"inMailbox":"a"},false]');
  expect(questionOf({ filter, sort: sortOf('size') })).not.toBe(questionOf({ filter }));
});
