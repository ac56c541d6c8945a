import { expect, test } from 'vitest';
import { emailObject } from '../src/compose.ts';
import { RequestFailure } from '../src/errors.ts';
import { flagsOf } from '../src/flags.ts';
import type { JmapRequest } from '../src/methods.ts';
import { Stopped } from '../src/outbox.ts';
import { mailboxOf, openAccount, settle } from './fixture.ts';

const seen = { keywords: { $seen: true } };

async function firstRows(account: Awaited<ReturnType<typeof openAccount>>['account']): Promise<string[]> {
  const list = account.list({ inMailbox: 'inbox' });
  list.ensure(0, 49);
  await settle();
  return Array.from({ length: 50 }, (_, i) => list.idAt(i) ?? '');
}

test('the first rows need one request: query and get by back-reference', async () => {
  const { account, client } = await openAccount();
  const requests: JmapRequest[] = [];
  const real = client.request.bind(client);
  client.request = (session, request) => (requests.push(request), real(session, request));
  const ids = await firstRows(account);
  expect(requests.map((request) => request.methodCalls.map((call) => call[0]))).toEqual([['Email/query', 'Email/get']]);
  expect(account.emails.get(ids[0] ?? '')?.subject).toBeTruthy();
});

test('rows asked for ahead travel with the mailboxes, serve the list that comes, and no other and no second one', async () => {
  const { account, client } = await openAccount();
  const requests: string[][] = [];
  const real = client.request.bind(client);
  client.request = (session, request) => (
    requests.push(request.methodCalls.map((call) => call[0])),
    real(session, request)
  );
  account.ahead({ inMailbox: 'inbox' }, false);
  await account.loadMailboxes();
  expect((await firstRows(account)).every((id) => account.emails.has(id))).toBe(true);
  expect(requests).toEqual([['Email/query', 'Email/get', 'Mailbox/get']]);
  await firstRows(account);
  expect(requests.length).toBe(2);
  account.ahead({ inMailbox: 'sent' }, false);
  const inbox = await firstRows(account);
  expect(inbox.every((id) => account.emails.get(id)?.mailboxIds.inbox)).toBe(true);
});

test('a search shows its first rows before anybody counts, and counts only what is longer than them', async () => {
  const { account, client } = await openAccount();
  const counted: unknown[] = [];
  const real = client.request.bind(client);
  client.request = (session, request) => {
    counted.push(
      ...request.methodCalls.filter((call) => call[0] === 'Email/query').map((call) => call[1].calculateTotal),
    );
    return real(session, request);
  };
  const many = account.list({ text: 'e' });
  many.ensure(0, 49);
  await settle();
  expect([many.total > 50, counted]).toEqual([true, [false, true]]);
  const none = account.list({ text: 'nowhere to be found' });
  none.ensure(0, 49);
  await settle();
  expect([none.ready, none.total, counted]).toEqual([true, 0, [false, true, false]]);
});

test('reading a message lowers the unread count at once and stays so', async () => {
  const { account } = await openAccount();
  const ids = await firstRows(account);
  const id = ids.find((each) => !account.emails.get(each)?.keywords.$seen) ?? '';
  const before = mailboxOf(account, 'inbox').unreadEmails;
  const { done } = account.outbox.change(new Map([[id, seen]]));
  expect(mailboxOf(account, 'inbox').unreadEmails).toBe(before - 1);
  await done;
  await account.loadMailboxes();
  expect(mailboxOf(account, 'inbox').unreadEmails).toBe(before - 1);
});

test('undo leads back to exactly what was', async () => {
  const { account } = await openAccount();
  const ids = (await firstRows(account)).slice(0, 10);
  const before = ids.map((id) => account.emails.get(id)?.keywords);
  const pending = account.outbox.change(new Map(ids.map((id) => [id, seen])));
  await pending.done;
  await account.outbox.change(pending.undo).done;
  expect(ids.map((id) => account.emails.get(id)?.keywords)).toEqual(before);
});

test('a refused change is taken back', async () => {
  const { account, client } = await openAccount();
  const ids = await firstRows(account);
  const id = ids.find((each) => !account.emails.get(each)?.keywords.$seen) ?? '';
  client.request = () => Promise.reject(new RequestFailure('refused', 403));
  await expect(account.outbox.change(new Map([[id, seen]])).done).rejects.toThrow();
  expect(account.emails.get(id)?.keywords.$seen).toBeUndefined();
});

test('changes made offline wait, show, and arrive in order when the line is back', async () => {
  const { account, client } = await openAccount();
  const ids = await firstRows(account);
  const id = ids.find((each) => !account.emails.get(each)?.keywords.$seen) ?? '';
  const stop = account.watch({ changed: () => undefined, connected: () => undefined, failed: () => undefined });
  client.setOnline(false);
  const first = account.outbox.change(new Map([[id, seen]]));
  const second = account.outbox.change(new Map([[id, { keywords: { $flagged: true } }]]));
  await settle();
  expect([account.outbox.waiting, account.emails.get(id)?.keywords.$seen]).toEqual([2, true]);
  expect(client.server.messages.get(id)?.keywords.$seen).toBeUndefined();
  client.setOnline(true);
  await Promise.all([first.done, second.done]);
  expect(client.server.messages.get(id)?.keywords).toMatchObject({ $seen: true, $flagged: true });
  stop();
});

test('more changes than the server takes at once go in pieces', async () => {
  const { account, client } = await openAccount(1300);
  const ids = await account.allIds({ inMailbox: 'inbox' }, 10_000);
  const told: number[] = [];
  await account.outbox.change(new Map(ids.map((id) => [id, seen])), (done) => told.push(done)).done;
  expect(told).toEqual([500, 1000, 1300]);
  expect([...client.server.messages.values()].filter((each) => each.mailboxIds.inbox && !each.keywords.$seen)).toEqual(
    [],
  );
});

test('what is stopped in its middle says how far it went, and its rest stays as it was', async () => {
  const { account, client } = await openAccount(1300);
  const ids = await account.allIds({ inMailbox: 'inbox' }, 10_000);
  const unread = (): number =>
    [...client.server.messages.values()].filter((each) => each.mailboxIds.inbox && !each.keywords.$seen).length;
  const before = unread();
  const progress = (done: number): void => {
    if (done === 500) expect(pending.stop()).toBe(true);
  };
  const known = await flagsOf(account, ids);
  const pending = account.outbox.change(new Map(ids.map((id) => [id, seen])), progress, known);
  const stopped = await pending.done.catch((error: unknown) => error);
  if (!(stopped instanceof Stopped)) throw new Error('it went on');
  expect(stopped.ids).toEqual(ids.slice(0, 500));
  const reached = new Set(stopped.ids);
  await account.outbox.change(new Map([...pending.undo].filter(([id]) => reached.has(id)))).done;
  expect(unread()).toBe(before);
});

test('a new message is announced and fetched with the list', async () => {
  const { account, client } = await openAccount();
  const list = account.list({ inMailbox: 'inbox' });
  list.ensure(0, 49);
  await settle();
  const arrived: string[] = [];
  const stop = account.watch({
    changed: (ids) => {
      arrived.push(...ids);
      void list.refresh(0, 20);
    },
    connected: () => undefined,
    failed: () => undefined,
  });
  client.server.arrive({ subject: '새 소식', from: [{ name: '김민지', email: 'minji@x.example' }] });
  await settle();
  await settle();
  expect(arrived).toEqual([list.idAt(0)]);
  expect(account.emails.get(list.idAt(0) ?? '')?.subject).toBe('새 소식');
  stop();
});

test('a letter is saved, sent and filed in one place only', async () => {
  const { account, client } = await openAccount();
  const me = { name: '한지우', email: 'jiwoo.han@hanbit-tech.example' };
  const letter = {
    from: me,
    to: [{ name: null, email: 'a@b.example' }],
    cc: [],
    bcc: [],
    subject: '회의',
    text: '내일 뵙겠습니다.',
    html: null,
    attachments: [],
    inReplyTo: [],
    references: [],
  };
  const { id: draft } = await account.saveDraft(emailObject(letter, 'drafts'), null);
  const { id: again, replaced } = await account.saveDraft(emailObject(letter, 'drafts'), draft);
  expect(replaced).toBe(true);
  expect(client.server.messages.has(draft)).toBe(false);
  // Whoever saves over a draft that somebody else has replaced hears of it.
  const other = await account.saveDraft(emailObject(letter, 'drafts'), draft);
  expect(other.replaced).toBe(false);
  await account.outbox.destroy([other.id]);
  await account.send(emailObject(letter, 'drafts'), 'i1', 'drafts', 'sent', again);
  const stored = [...client.server.messages.values()].filter((each) => each.written?.subject === '회의');
  expect(stored.map((each) => [each.mailboxIds, each.keywords])).toEqual([[{ sent: true }, { $seen: true }]]);
});
