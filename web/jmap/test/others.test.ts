/** Accounts of others beside the person's own: what is told of them, what they hear, what stays off the device. */
import { expect, test, vi } from 'vitest';
import { Account } from '../src/account.ts';
import { DemoClient } from '../src/demo/client.ts';
import { LocalBackend } from '../src/local/backend.ts';
import { LocalMail } from '../src/local/mail.ts';
import { selfOf, sharedAccounts } from '../src/others.ts';
import { MemoryShelf } from './memory-shelf.ts';
import { settle } from './fixture.ts';

const OPTIONS = { size: 5, delay: 0, signedIn: true, broken: false, arrivals: 0 };
const QUIET = { changed: () => undefined, connected: () => undefined, failed: () => undefined };

test('the session tells whose accounts there are and what they are called', async () => {
  const session = await new DemoClient(OPTIONS).session();
  expect(sharedAccounts(session)).toEqual([
    { id: 'team', name: '고객지원', address: 'support@hanbit-tech.example', kind: 'shared', ownerId: null },
  ]);
  expect(selfOf(session)).toMatch(/^p\d+$/);
  session.accounts.other = { name: 'kim@a.example', isPersonal: false, isReadOnly: true, accountCapabilities: {} };
  expect(sharedAccounts(session)[1]).toMatchObject({ name: 'kim@a.example', kind: 'person', ownerId: null });
});

test('an account of others lives on the line of the own one', async () => {
  const client = new DemoClient(OPTIONS);
  const session = await client.session();
  const own = new Account(client, session);
  const team = new Account(client, session, null, 'team').followed(QUIET);
  await Promise.all([own.loadMailboxes(), team.loadMailboxes()]);
  expect(team.mailboxes.values().map(({ name }) => name)).toEqual(['고객 문의', '견적 요청']);

  const heard = vi.fn();
  own.watch({ ...QUIET, elsewhere: (id, states) => (heard(id), team.take(states, QUIET)) });
  await settle();
  const list = team.list({ operator: 'AND', conditions: [{ inMailbox: 'q1' }, { assignment: 'none' }] });
  list.ensure(0, 49);
  await settle();
  const [email] = [list.idAt(0)].map((id) => team.emails.get(id ?? ''));
  await team.records('Assignment').load();
  await own.records('Tag').load();
  await team.records('Assignment').create({ emailId: email?.id, assigneeId: 'p0', state: 'open' });
  expect(heard).toHaveBeenCalledWith('team');
  expect(team.records('Assignment').get(email?.threadId ?? '')).toMatchObject({ assigneeId: 'p0' });
  await list.refresh(0, 20);
  expect(list.idAt(0)).not.toBe(email?.id);
});

test('mail of others never lies on the device, and is not answered from it', async () => {
  const client = new DemoClient({ ...OPTIONS, keeps: true });
  const local = new LocalMail(new MemoryShelf());
  const backend = new LocalBackend(client, local);
  const session = await backend.session();
  const own = new Account(backend, session, local);
  const team = new Account(backend, session, null, 'team');
  for (const account of [own, team]) {
    await account.loadMailboxes();
    account.list({ inMailbox: account.mailboxes.values()[0]?.id ?? '' }).ensure(0, 49);
  }
  await settle();
  const kept = await local.known();
  expect([...kept.rows].some((id) => id.startsWith('inbox-'))).toBe(true);
  expect([...kept.rows].some((id) => id.startsWith('q1-'))).toBe(false);
  expect(local.start?.mailboxes.map(({ id }) => id)).not.toContain('q1');
  client.setOnline(false);
  await expect(team.pipeline.call('Mailbox/get', { ids: null }).result).rejects.toMatchObject({ kind: 'offline' });
});
