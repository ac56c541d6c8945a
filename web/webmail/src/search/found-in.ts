/** Where a message that was found, or carries a tag, lies: a list of many mailboxes has to say so. */
import type { Email, Mailbox } from '@smartmail/jmap/types.ts';
import { place } from '../app/place.svelte.ts';
import { mailboxById } from '../app/records.svelte.ts';

/** Null in the list of one mailbox, which says it itself. */
export function foundIn(email: Email): Mailbox | null {
  if (place.inMailbox) return null;
  return (
    Object.keys(email.mailboxIds)
      .map((id) => mailboxById(id))
      .find((mailbox) => mailbox !== undefined) ?? null
  );
}

const OWN = ['sent', 'drafts', 'scheduled'];

/** A letter of one's own among what was found: it is told by whom it is for. */
export function sentByMe(email: Email): boolean {
  return OWN.includes(foundIn(email)?.role ?? '') || (!place.inMailbox && email.keywords.$draft === true);
}
