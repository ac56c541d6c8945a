import { expect, test } from 'vitest';
import { applyChange, countDeltas, inverse, patchOf } from '../src/change.ts';
import { emailOf } from '../src/demo/corpus.ts';
import type { Email } from '../src/types.ts';

const email = (keywords: Record<string, true>, mailboxIds: Record<string, true>): Email =>
  emailOf({ id: 'e', seed: 1, receivedAt: 0, keywords, mailboxIds });

test('a patch names each flag, and null clears it', () => {
  expect(patchOf({ keywords: { $seen: true, $flagged: false }, mailboxes: { a: false, b: true } })).toEqual({
    'keywords/$seen': true,
    'keywords/$flagged': null,
    'mailboxIds/a': null,
    'mailboxIds/b': true,
  });
});

test('slashes and tildes in a keyword are escaped as in a JSON pointer', () => {
  expect(patchOf({ keywords: { 'a/b~c': true } })).toEqual({ 'keywords/a~1b~0c': true });
});

test('the way back turns only what really changed', () => {
  const before = email({ $seen: true }, { inbox: true });
  const change = { keywords: { $seen: true, $flagged: true } };
  expect(inverse(change, before)).toEqual({ keywords: { $flagged: false } });
  expect(applyChange(applyChange(before, change), inverse(change, before)).keywords).toEqual(before.keywords);
});

test('moving an unread message takes it from one counter to the other', () => {
  const deltas = countDeltas([email({}, { inbox: true })], { mailboxes: { inbox: false, trash: true } });
  expect(Object.fromEntries(deltas)).toEqual({ inbox: { total: -1, unread: -1 }, trash: { total: 1, unread: 1 } });
});

test('a draft is never counted as unread', () => {
  expect(countDeltas([email({ $draft: true }, { drafts: true })], { keywords: { $seen: true } }).size).toBe(0);
});
