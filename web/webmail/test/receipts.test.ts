import { expect, test } from 'vitest';
import { csv, knownIn, knownKey, type Recipient, stateKey, tallyOf, unread } from '../src/writing/receipt.ts';

const one = (more: Partial<Recipient>): Recipient => ({
  email: 'a@x',
  name: '',
  state: 'delivered',
  known: 'inside',
  reply: '',
  reason: null,
  deliveredAt: null,
  readAt: null,
  isTold: true,
  ...more,
});

test.each([
  [{}, 'receipt.unread'],
  [{ isTold: false }, 'receipt.unknown'],
  [{ known: 'remote' }, 'receipt.unknown'],
  [{ state: 'read' }, 'receipt.read'],
  [{ state: 'failed', known: 'remote' }, 'receipt.failed'],
  [{ state: 'read', known: 'told' }, 'receipt.read'],
  [{ state: 'deleted', known: 'told' }, 'receipt.deleted'],
  [{ state: 'withdrawn', known: 'list' }, 'receipt.withdrawn'],
] as [Partial<Recipient>, string][])('%j is told as %s', (more, expected) => {
  expect(stateKey(one(more))).toBe(expected);
});

test('who refused it has not taken it over', () => {
  expect(knownKey(one({ state: 'failed', known: 'remote' }))).toBe('receipt.known.refused');
  expect(knownKey(one({ state: 'read', known: 'told' }))).toBe('receipt.known.told');
});

test('only who has surely not read it is written to again', () => {
  const list = [one({ email: 'a@x' }), one({ email: 'b@x', state: 'read' }), one({ email: 'c@y', known: 'remote' })];
  expect(unread(list)).toEqual([{ name: null, email: 'a@x' }]);
});

test('a table of words and nothing that a spreadsheet would run', () => {
  expect(csv([['이름', '=1+1', 'a"b']])).toBe('\ufeff"이름","\'=1+1","a""b"\r\n');
});

test('who is not known is never counted among those who have not read it', () => {
  const list = [
    one({ email: 'a@x', state: 'read' }),
    one({ email: 'b@x' }),
    one({ email: 'c@x', isTold: false }),
    one({ email: 'd@y', known: 'remote' }),
    one({ email: 'e@y', state: 'failed' }),
    one({ email: 'f@x', state: 'deleted' }),
    one({ email: 'all@x', known: 'list' }),
  ];
  const tally = tallyOf(list);
  expect(tally).toEqual({ read: 1, unread: 2, recalled: 0, unknown: 2, failed: 1, waiting: 0 });
  expect(knownIn(tally)).toBe(3);
  expect(knownIn(tallyOf([one({ isTold: false })]))).toBe(0);
  expect(tallyOf(list, new Set(['b@x']))).toMatchObject({ unread: 1, recalled: 1 });
});
