/** All messages of a conversation, fetched where they are not known yet. */
import { expect, test } from 'vitest';
import { conversationsOf } from '../src/conversations.ts';
import { mailboxOf, openAccount, settle } from './fixture.ts';

test('the members of a conversation are there, those of other mailboxes too', async () => {
  const { account } = await openAccount(30);
  const list = account.list({ inMailbox: 'inbox' });
  list.ensure(0, 9);
  await settle();
  const asked = list.idAt(0) ?? '';
  const { messageId } = await account.detail(asked);
  const answer = { mailboxIds: { [mailboxOf(account, 'sent').id]: true }, subject: 'Re', references: messageId };
  const { id } = await account.saveDraft(answer, null);
  expect(account.emails.get(id)).toBeUndefined();
  const members = await conversationsOf(account, [asked]);
  expect(members.map((each) => each.id)).toEqual([asked, id]);
  expect(account.emails.get(id)?.mailboxIds).toEqual(answer.mailboxIds);
});

test('nothing is asked for messages that nobody knows', async () => {
  const { account } = await openAccount(10);
  expect(await conversationsOf(account, ['nobody'])).toEqual([]);
});
