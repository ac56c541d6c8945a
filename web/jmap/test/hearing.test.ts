/** Lists that are asked for in windows hear when objects of their type have changed. */
import { expect, test, vi } from 'vitest';
import { createCard, findCards } from '../src/contacts.ts';
import { Pipeline } from '../src/pipeline.ts';
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

test('an answer that names another state of the session is told once, and what is kept here names none', async () => {
  const { client } = await openAccount(3);
  const session = await client.session();
  let state = session.state;
  const backend = {
    session: () => client.session(),
    request: async (...asked: Parameters<typeof client.request>) => ({
      ...(await client.request(...asked)),
      sessionState: state,
    }),
  };
  const pipeline = new Pipeline(Object.assign(Object.create(client), backend), session, 'a');
  const told = vi.fn();
  pipeline.sessionChanged = told;
  const ask = async (named: string): Promise<void> => {
    state = named;
    await pipeline.call('Mailbox/get', { ids: [] }).result;
    await settle();
  };
  for (const named of [session.state, '', 'next', 'next', '']) await ask(named);
  expect(told).toHaveBeenCalledTimes(1);
  pipeline.renew({ ...session, state: 'next' });
  await ask('next');
  await ask(session.state);
  expect(told).toHaveBeenCalledTimes(2);
});
