/** The words of the first page are few, and none of them is left for later. */
import { expect, test } from 'vitest';
import ko from '@smartmail/i18n/catalogues/ko.json';
import { onFirstPage } from '../../tools/words.ts';

const isFirst = onFirstPage();
const first = Object.keys(ko).filter(isFirst);

test('the list, its tools and the door need no second piece', () => {
  for (const key of ['mailbox.inbox', 'filter.mine', 'action.compose', 'signIn.button', 'notice.undone'])
    expect([key, !(key in ko) || isFirst(key)]).toEqual([key, true]);
});

test('screens that are fetched later have words that are fetched later', () => {
  for (const key of ['action.replyAll', 'contacts.merge', 'team.noteHint', 'compose.discardText'])
    expect(isFirst(key)).toBe(false);
  expect(first.length).toBeLessThan(Object.keys(ko).length / 3);
});
