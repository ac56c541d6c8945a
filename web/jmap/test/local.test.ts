/** Mail on the device: sealed, answered from while the line is cut, never sent twice, gone with the session. */
import { describe, expect, test, vi } from 'vitest';
import { Account } from '../src/account.ts';
import { DemoClient } from '../src/demo/client.ts';
import { RequestFailure } from '../src/errors.ts';
import { LocalBackend } from '../src/local/backend.ts';
import { fill, fillChanged } from '../src/local/filling.ts';
import { Journal } from '../src/local/journal.ts';
import { Letters } from '../src/local/letters.ts';
import { LocalMail } from '../src/local/mail.ts';
import { LEASE_MS } from '../src/local/safe.ts';
import type { Id } from '../src/types.ts';
import { mailboxOf, settle } from './fixture.ts';
import { MemoryShelf } from './memory-shelf.ts';

interface Page {
  client: DemoClient;
  shelf: MemoryShelf;
  local: LocalMail;
  backend: LocalBackend;
  account: Account;
  letters: Letters;
}

function demo(keeps = true, size = 120): DemoClient {
  return new DemoClient({ size, delay: 0, signedIn: true, broken: false, arrivals: 0, keeps });
}

/** A page over a device; what an earlier page left lies in the same shelf. */
async function open(client = demo(), shelf = new MemoryShelf(), now: () => number = Date.now): Promise<Page> {
  const local = new LocalMail(shelf, now);
  await local.wake();
  const backend = new LocalBackend(client, local);
  const account = new Account(backend, await backend.session(), local);
  const letters = new Letters(account, local, shelf);
  return { client, shelf, local, backend, account, letters };
}

async function rest({ local }: Page): Promise<void> {
  await settle();
  await local.keepStart();
}

/** A page that has shown the inbox, read a mail and fetched ahead. */
async function used(client = demo(), shelf = new MemoryShelf()): Promise<Page> {
  const page = await open(client, shelf);
  await page.account.loadMailboxes();
  await listed(page);
  await fill(page.account, page.local, () => Promise.resolve(true));
  await rest(page);
  return page;
}

async function listed({ account }: Page, mailbox = mailboxOf(account, 'inbox').id): Promise<Id[]> {
  const list = account.list({ inMailbox: mailbox });
  list.ensure(0, 49);
  await vi.waitFor(() => expect(list.ready || list.error).toBeTruthy());
  await settle();
  if (list.error) throw list.error as Error;
  return Array.from({ length: Math.min(50, list.total) }, (_, index) => list.idAt(index) ?? '');
}

function letter(page: Page, subject: string): Parameters<Letters['send']>[0] {
  const drafts = mailboxOf(page.account, 'drafts').id;
  return {
    email: {
      mailboxIds: { [drafts]: true },
      keywords: { $draft: true },
      from: [{ name: null, email: 'han@hanbit.example' }],
      to: [{ name: null, email: 'kim@hanbit.example' }],
      subject,
      bodyValues: { text: { value: 'words' } },
    },
    identityId: 'i1',
    drafts,
    sent: mailboxOf(page.account, 'sent').id,
    replaces: null,
  };
}

function sentWith({ client }: Page, subject: string): number {
  return [...client.server.messages.values()].filter((each) => each.written?.subject === subject).length;
}

describe('what lies here', () => {
  test('is sealed: no word of mail can be read', async () => {
    const page = await used();
    const [id] = await listed(page);
    const email = page.account.emails.get(id ?? '');
    const octets = page.shelf.octets();
    expect(page.shelf.stores.get('rows')?.size).toBeGreaterThan(50);
    expect(page.shelf.stores.get('bodies')?.size).toBeGreaterThan(50);
    for (const secret of [email?.subject, email?.preview.slice(0, 20), email?.from?.[0]?.email, 'Inbox'])
      expect(octets).not.toContain(secret);
    const { key } = page.shelf.stores.get('keys')?.get('key') as { key: CryptoKey };
    expect(key.extractable).toBe(false);
    await expect(crypto.subtle.exportKey('raw', key)).rejects.toThrow();
  });

  test('stays whole when somebody asks for a part of a mailbox', async () => {
    const page = await used();
    const inbox = mailboxOf(page.account, 'inbox');
    // As a server answers who asks for two properties: no more than those.
    const args = { accountId: page.account.id, ids: [inbox.id], properties: ['id', 'shareWith'] };
    const list = [{ id: inbox.id, shareWith: {} }];
    page.local.remember(
      { using: [], methodCalls: [['Mailbox/get', args, '0']] },
      { methodResponses: [['Mailbox/get', { state: '1', list, notFound: [] }, '0']], sessionState: '1' },
    );
    await rest(page);
    const again = await open(page.client, page.shelf);
    page.client.setOnline(false);
    await again.account.loadMailboxes();
    expect(again.account.mailboxes.get(inbox.id)?.name).toBe(inbox.name);
  });

  test('is nothing where policy forbids it', async () => {
    const page = await used(demo(false));
    expect(page.shelf.size).toBe(0);
    page.client.setOnline(false);
    await expect(listed(page)).rejects.toThrow(RequestFailure);
  });

  test('goes when policy forbids it later', async () => {
    const page = await used();
    page.client.options.keeps = false;
    await page.backend.session();
    expect(page.shelf.size).toBe(0);
  });

  test('goes at sign-out, also without a network', async () => {
    const page = await used();
    page.client.setOnline(false);
    await expect(page.backend.signOut()).rejects.toThrow();
    expect(page.shelf.size).toBe(0);
    expect(await new LocalMail(page.shelf).wake()).toBeNull();
  });

  test('goes when the server has ended the session', async () => {
    const page = await used();
    await page.client.signOut();
    await expect(page.backend.session()).rejects.toMatchObject({ kind: 'signed-out' });
    expect(page.shelf.size).toBe(0);
  });

  test('goes when the server was not heard of for too long', async () => {
    const page = await used();
    expect(await new LocalMail(page.shelf, () => Date.now() + LEASE_MS - 60_000).wake()).not.toBeNull();
    expect(await new LocalMail(page.shelf, () => Date.now() + LEASE_MS + 60_000).wake()).toBeNull();
    expect(page.shelf.size).toBe(0);
  });

  test('is of the last thirty days, and prunes itself', async () => {
    const page = await used(demo(true, 1200));
    const later = new LocalMail(page.shelf, () => Date.now() + 6 * 24 * 3_600_000);
    await later.wake();
    const before = page.shelf.stores.get('rows')?.size ?? 0;
    await later.prune();
    const after = page.shelf.stores.get('rows')?.size ?? 0;
    expect(after).toBeLessThan(before);
    expect(after).toBeGreaterThan(0);
  });
});

describe('with the line cut', () => {
  test('a new page shows lists, reads and finds', async () => {
    const first = await used();
    const ids = await listed(first);
    first.client.setOnline(false);
    const page = await open(first.client, first.shelf);
    expect(await listed(page)).toEqual(ids);
    const id = ids[3] ?? '';
    const rendered = await page.account.render(id, false);
    expect(rendered.html.length).toBeGreaterThan(10);
    const { text } = await page.account.body(id);
    const word = text.split(/\s+/).find((each) => each.length > 3) ?? '';
    const list = page.account.list({ text: word });
    list.ensure(0, 49);
    await vi.waitFor(() => expect(list.ready).toBe(true));
    await settle();
    expect(Array.from({ length: list.total }, (_, index) => list.idAt(index))).toContain(id);
  });

  test('mail that has just come is there too', async () => {
    const first = await used();
    const stop = first.account.watch({ changed: vi.fn(), connected: vi.fn(), failed: vi.fn() });
    first.client.server.arrive({ from: [{ name: null, email: 'a@b.example' }], subject: 'fresh', text: 'just now' });
    await vi.waitFor(() => expect(first.local.wanted.size).toBe(1));
    const [id = ''] = first.local.wanted;
    await fillChanged(first.account, first.local, () => Promise.resolve(true));
    stop();
    await rest(first);
    first.client.setOnline(false);
    const page = await open(first.client, first.shelf);
    expect((await page.account.render(id, false)).html).toContain('just now');
  });

  test('reading answers although marking as read must wait', async () => {
    const first = await used();
    const [id = ''] = await listed(first);
    first.client.setOnline(false);
    const page = await open(first.client, first.shelf);
    await listed(page);
    // In one moment, so in one request.
    const { done } = page.account.outbox.change(new Map([[id, { keywords: { $seen: true } }]]));
    const detail = await page.account.detail(id);
    expect(detail.subject).toBeTruthy();
    page.client.setOnline(true);
    page.account.outbox.resume();
    await done;
    expect(page.client.server.messages.get(id)?.keywords.$seen).toBe(true);
  });

  test('the first rows are there before any answer', async () => {
    const first = await used();
    const ids = await listed(first);
    const page = await open(first.client, first.shelf);
    const list = page.account.list({ inMailbox: mailboxOf(page.account, 'inbox').id });
    list.ensure(0, 49);
    expect(list.ready).toBe(true);
    expect(list.idAt(0)).toBe(ids[0]);
    expect(page.account.emails.get(ids[0] ?? '')?.subject).toBeTruthy();
  });

  test('acts are seen at once, outlive the page and arrive once', async () => {
    const first = await used();
    const [id = ''] = await listed(first);
    first.account.outbox.notes = new Journal(first.local, first.shelf, 'first');
    first.client.setOnline(false);
    const trash = mailboxOf(first.account, 'trash').id;
    const change = { mailboxes: { inbox: false, [trash]: true } };
    void first.account.outbox.change(new Map([[id, change]])).done.catch(() => undefined);
    await rest(first);
    expect(await listed(first)).not.toContain(id);

    const page = await open(first.client, first.shelf);
    const journal = new Journal(page.local, page.shelf, 'second');
    page.account.outbox.notes = journal;
    expect(await journal.takeOver(new Set(['first']))).toEqual([]);
    for (const note of await journal.takeOver(new Set())) {
      void page.account.outbox.change(new Map(note.changes)).done.catch(() => undefined);
      await note.strike();
    }
    await vi.waitFor(async () => expect(await listed(page)).not.toContain(id));
    page.client.setOnline(true);
    page.account.outbox.resume();
    await vi.waitFor(() => expect(page.client.server.messages.get(id)?.mailboxIds).toEqual({ [trash]: true }));
    await vi.waitFor(() => expect(page.shelf.stores.get('queue')?.size).toBe(0));
  });
});

describe('a letter', () => {
  test('written without a network waits, outlives the page and goes once', async () => {
    const first = await used();
    first.client.setOnline(false);
    expect(await first.letters.send(letter(first, 'hello'))).toBe('waits');
    expect(first.letters.waiting.map((each) => each.email.subject)).toEqual(['hello']);
    expect(first.shelf.octets()).not.toContain('hello');

    const page = await open(first.client, first.shelf);
    await page.letters.wake();
    expect(page.letters.waiting).toHaveLength(1);
    page.client.setOnline(true);
    const gone = vi.fn();
    // Both pages hear at the same time that the line is open again.
    await Promise.all([page.letters.drain(gone, vi.fn())]);
    await first.letters.drain(gone, vi.fn());
    expect(sentWith(page, 'hello')).toBe(1);
    expect(page.shelf.stores.get('queue')?.size).toBe(0);
  });

  test('whose answer was lost is not sent again', async () => {
    const page = await used();
    const request = page.client.request.bind(page.client);
    // The server does it, and the line breaks before the answer.
    page.client.request = async (session, asked) => {
      await request(session, asked);
      throw new RequestFailure('offline');
    };
    expect(await page.letters.send(letter(page, 'once'))).toBe('waits');
    page.client.request = request;
    expect(sentWith(page, 'once')).toBe(1);
    await page.letters.drain(vi.fn(), vi.fn());
    expect(sentWith(page, 'once')).toBe(1);
    expect(page.letters.waiting).toEqual([]);
  });

  test('can be taken back while it waits', async () => {
    const page = await used();
    page.client.setOnline(false);
    await page.letters.send(letter(page, 'oops'));
    const [waiting] = page.letters.waiting;
    expect(await page.letters.takeBack(waiting?.email.messageId[0] ?? '')).not.toBeNull();
    page.client.setOnline(true);
    await page.letters.drain(vi.fn(), vi.fn());
    expect(sentWith(page, 'oops')).toBe(0);
  });

  test('that may not be kept here is not kept', async () => {
    const page = await used(demo(false));
    page.client.setOnline(false);
    await expect(page.letters.send(letter(page, 'x'))).rejects.toThrow();
    expect(page.shelf.size).toBe(0);
  });
});
