/** For random histories: records after applying /changes equal a fresh fetch. */
import { expect, test } from 'vitest';
import type { EmailChange } from '../src/change.ts';
import { mix } from '../src/demo/corpus.ts';
import { Sync } from '../src/sync.ts';
import { openAccount, settle } from './fixture.ts';

const CHANGES: EmailChange[] = [
  { keywords: { $seen: true } },
  { keywords: { $seen: false, $flagged: true } },
  { mailboxes: { inbox: false, trash: true } },
  { mailboxes: { trash: false, p2: true } },
  { keywords: { $junk: true }, mailboxes: { inbox: false, junk: true } },
];

test.each([1, 2, 3, 4, 5, 6, 7, 8])('history %i', async (seed) => {
  const { account: reader, client } = await openAccount(60);
  const { account: writer } = await openAccount(60);
  // Two readers of one server: one follows the changes, the other makes them.
  Object.assign(writer.backend, { request: client.request.bind(client) });
  await writer.loadMailboxes();
  const list = reader.list(null);
  list.ensure(0, 700);
  await settle();
  const sync = new Sync(reader.pipeline, reader.mailboxes, reader.emails);
  for (let step = 0; step < 25; step += 1) {
    const ids = [...client.server.messages.keys()];
    const id = ids[mix(seed * 1000 + step, 1) % ids.length] ?? '';
    const what = mix(seed * 1000 + step, 2) % 8;
    if (what === 0) client.server.arrive();
    else if (what === 1) await writer.outbox.destroy([id]);
    else await writer.outbox.change(new Map([[id, CHANGES[what % CHANGES.length] ?? {}]])).done;
    if (mix(seed * 1000 + step, 3) % 4 === 0) {
      await sync.emailsTo(null);
      await sync.mailboxesTo(null);
    }
  }
  await sync.emailsTo(null);
  await sync.mailboxesTo(null);
  const { account: fresh } = await openAccount(60);
  Object.assign(fresh.backend, { request: client.request.bind(client) });
  await fresh.loadMailboxes();
  const all = fresh.list(null);
  all.ensure(0, 900);
  await settle();
  for (const email of reader.emails.values()) {
    const { keywords, mailboxIds } = fresh.emails.get(email.id) ?? {};
    expect([email.id, email.keywords, email.mailboxIds]).toEqual([email.id, keywords, mailboxIds]);
  }
  expect(reader.mailboxes.values()).toEqual(fresh.mailboxes.values());
});
