/** Records of the account as the screens read them: reading one redraws when it changes. */
import type { Account } from '@smartmail/jmap/account.ts';
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
  return recordsIn<T>(connection.account, name, options);
}

export function recordsIn<T extends { id: Id }>(account: Account | null, name: string, options?: RecordOptions): T[] {
  if (!account) return [];
  const records = account.records<T>(name, options);
  track(records);
  if (!records.loaded) void records.load().catch((error: unknown) => connection.failed(error));
  return records.values();
}

/** One of them, without looking at all. */
export function recordIn<T extends { id: Id }>(account: Account | null, name: string, id: Id): T | undefined {
  if (!account) return undefined;
  const records = account.records<T>(name);
  track(records);
  if (!records.loaded) void records.load().catch((error: unknown) => connection.failed(error));
  return records.get(id);
}

/** Of the mail on the screen. */
export function emailById(id: Id | undefined | null): Email | undefined {
  const account = connection.mail;
  if (!account || id === undefined || id === null) return undefined;
  track(account.emails);
  return account.emails.get(id);
}

/** The person's own mailboxes, whatever is on the screen. */
export function allMailboxes(): Mailbox[] {
  return mailboxesOf(connection.account);
}

export function mailboxByRole(role: string): Mailbox | undefined {
  return allMailboxes().find((mailbox) => mailbox.role === role);
}

export function mailboxesOf(account: Account | null): Mailbox[] {
  if (!account) return [];
  track(account.mailboxes);
  return account.mailboxes.values();
}

/** Of the mail on the screen, the person's own or somebody else's. */
export function shownMailboxes(): Mailbox[] {
  return mailboxesOf(connection.mail);
}

export function shownByRole(role: string): Mailbox | undefined {
  return shownMailboxes().find((mailbox) => mailbox.role === role);
}

export function mailboxById(id: Id | null): Mailbox | undefined {
  return shownMailboxes().find((mailbox) => mailbox.id === id);
}
