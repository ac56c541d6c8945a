/** Records of the account as the screens read them: reading one redraws when it changes. */
import type { RecordOptions } from '@smartmail/jmap/records.ts';
import type { Email, Id, Mailbox } from '@smartmail/jmap/types.ts';
import { createSubscriber } from 'svelte/reactivity';
import { connection } from './connection.svelte.ts';

const trackers = new WeakMap<object, () => void>();

function track(store: { listen(listener: () => void): () => void }): void {
  let subscribe = trackers.get(store);
  if (!subscribe) {
    subscribe = createSubscriber((update) => store.listen(update));
    trackers.set(store, subscribe);
  }
  subscribe();
}

/** All records of a type, fetched once and kept in step: reading them redraws when one changes. */
export function recordsOf<T extends { id: Id }>(name: string, options?: RecordOptions): T[] {
  const { account } = connection;
  if (!account) return [];
  const records = account.records<T>(name, options);
  track(records);
  if (!records.loaded) void records.load().catch((error: unknown) => connection.failed(error));
  return records.values();
}

export function emailById(id: Id | undefined | null): Email | undefined {
  const { account } = connection;
  if (!account || id === undefined || id === null) return undefined;
  track(account.emails);
  return account.emails.get(id);
}

export function allMailboxes(): Mailbox[] {
  const { account } = connection;
  if (!account) return [];
  track(account.mailboxes);
  return account.mailboxes.values();
}

export function mailboxById(id: Id | null): Mailbox | undefined {
  return allMailboxes().find((mailbox) => mailbox.id === id);
}

export function mailboxByRole(role: string): Mailbox | undefined {
  return allMailboxes().find((mailbox) => mailbox.role === role);
}
