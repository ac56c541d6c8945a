/** Lists that are asked for in windows hear when objects of their type have changed. */
import { expect, test, vi } from 'vitest';
import { createCard, findCards } from '../src/contacts.ts';
import { openAccount, settle } from './fixture.ts';

test('a change of the type is heard, a change of another is not, and nothing after the end', async () => {
  const { account, client } = await openAccount(3);
  account.watch({ changed: () => undefined, connected: () => undefined, failed: () => undefined });
  // The line opens.
  await settle();
  const heard = vi.fn();
  const stop = account.onChange('ContactCard', heard);
  const made = await createCard(account.pipeline, { name: { full: '서지훈' } });
  expect(heard).toHaveBeenCalledTimes(1);
  await account.records('Tag').create({ name: '새 태그', keyword: 'new' });
  expect(heard).toHaveBeenCalledTimes(1);

  // What happened while the line was broken was told to nobody.
  client.setOnline(false);
  client.setOnline(true);
  expect(heard).toHaveBeenCalledTimes(2);
  stop();
  await createCard(account.pipeline, { name: { full: '남궁지오' } });
  expect(heard).toHaveBeenCalledTimes(2);

  const any = { operator: 'OR' as const, conditions: [{ uid: made.uid }, { uid: 'urn:uuid:nobody' }] };
  expect((await findCards(account.pipeline, { filter: any })).list.map(({ id }) => id)).toEqual([made.id]);
});
