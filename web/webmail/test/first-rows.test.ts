import { expect, test } from 'vitest';
import { mailboxInAddress } from '../src/app/first-rows.ts';

test.each([
  ['', 'M1'],
  ['#', 'M1'],
  ['#M7', 'M7'],
  ['#M7/E3', 'M7'],
  ['#/settings/look', null],
  ['#~A2/M7', null],
  ['#M7?f=unread', null],
  ['#?q=%EB%B3%B4%EA%B3%A0', null],
])('the rows that %j leads to are those of %j', (hash, mailbox) => {
  expect(mailboxInAddress(hash, 'M1')).toBe(mailbox);
});

test('a server that does not name its inbox is asked when its mailboxes are known', () => {
  expect(mailboxInAddress('', undefined)).toBeNull();
});
