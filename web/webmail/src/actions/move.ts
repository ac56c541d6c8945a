import { withDirection } from '@smartmail/i18n/korean.ts';
import type { Id, Mailbox } from '@smartmail/jmap/types.ts';
import { language, t } from '../app/language.svelte.ts';
import { flatten, nameOf, ownTree, standardMailboxes } from '../app/mailboxes.svelte.ts';
import { perform } from '../app/perform.ts';
import { place } from '../app/place.svelte.ts';
import { shownMailboxes } from '../app/records.svelte.ts';
import { leaving, targets } from './action.ts';

/** Where mail can go: of others' mailboxes only those that the person may put something in. */
export function moveChoices(): { mailbox: Mailbox; depth: number }[] {
  const choosable = shownMailboxes().filter((mailbox) => mailbox.myRights?.mayAddItems !== false);
  // Drafts are no place to move a received message to.
  const standard = standardMailboxes(choosable).filter((mailbox) => mailbox.role !== 'drafts');
  return [...standard.map((mailbox) => ({ mailbox, depth: 0 })), ...flatten(ownTree(choosable))];
}

export async function moveTo(mailbox: Mailbox, ids: Id[] = targets(true)): Promise<void> {
  if (mailbox.id === place.mailboxId && place.inMailbox) return;
  const name = nameOf(mailbox);
  await perform({
    ids,
    change: { mailboxes: leaving(ids, mailbox.id) },
    leaves: place.inMailbox,
    notice: (count) => t('notice.moved', { count, mailboxTo: language() === 'ko' ? withDirection(name) : name }),
  });
}
