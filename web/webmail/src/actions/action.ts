/** What a person can do to mail: one file per action, the same for toolbar, menu and keyboard. */
import type { MessageKey } from '@smartmail/i18n/translate.ts';
import type { Email, Id } from '@smartmail/jmap/types.ts';
import type { Component } from 'svelte';
import { listing } from '../app/listing.svelte.ts';
import { place } from '../app/place.svelte.ts';
import { emailById, mailboxById, shownMailboxes } from '../app/records.svelte.ts';

export interface Action {
  id: string;
  /** May depend on what is selected. */
  label(): MessageKey;
  icon: Component;
  /** Names of `shortcutOf`; the first one is shown. */
  keys: readonly string[];
  enabled(): boolean;
  /** False where rights on mail of others do not allow it: it is not shown then. */
  may?(): boolean;
  /** Not worth a line in the command palette. */
  onlyKeys?: boolean;
  run(): void | Promise<void>;
}

/** The checked rows, none before all of them are known; else the open message; for the keyboard also the row it stands on. */
export function targets(withCursor = false): Id[] {
  if (listing.choosing) return [];
  if (listing.checked.size > 0) return [...listing.checked];
  if (place.emailId !== null) return [place.emailId];
  const id = withCursor && listing.cursor >= 0 ? listing.idAt(listing.cursor) : undefined;
  return id === undefined ? [] : [id];
}

/** The one message to answer or open. */
export function target(): Id | null {
  const ids = targets(true);
  return ids.length === 1 ? (ids[0] ?? null) : null;
}

export function known(ids: Id[]): Email[] {
  return ids.map((id) => emailById(id)).filter((email) => email !== undefined);
}

/** In mail of others only what was given may be done (RFC 8621 §2, `myRights`). */
export function mayTo(right: string, ids: Id[] = targets(true)): boolean {
  if (place.accountId === null) return true;
  const emails = known(ids);
  if (emails.length === 0) return mailboxById(place.mailboxId)?.myRights?.[right] === true;
  return emails.every((email) => Object.keys(email.mailboxIds).some((id) => mailboxById(id)?.myRights?.[right]));
}

/** Acts of a person on their own mail, which have no meaning in that of others. */
export const inOwnMail = (): boolean => place.accountId === null;

/** Those that rights allow here. */
export const allowed = (actions: readonly Action[]): Action[] => actions.filter((action) => action.may?.() !== false);

/** Role of the mailbox whose list is open; null in a search. */
export function hereRole(): string | null {
  return place.inMailbox ? (mailboxById(place.mailboxId)?.role ?? null) : null;
}

/** Mailboxes that the messages are taken out of when they go elsewhere. */
export function leaving(ids: Id[], to: Id): Record<Id, boolean> {
  const from = new Set(place.inMailbox && place.mailboxId !== null ? [place.mailboxId] : []);
  if (!place.inMailbox) {
    const emails = known(ids);
    for (const email of emails) for (const id of Object.keys(email.mailboxIds)) from.add(id);
    // Where those lie that were chosen unseen is not known here: anywhere.
    if (emails.length < ids.length) for (const { id } of shownMailboxes()) from.add(id);
  }
  from.delete(to);
  return { ...Object.fromEntries([...from].map((id) => [id, false])), [to]: true };
}
