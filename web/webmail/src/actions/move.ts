import { withDirection } from '@smartmail/i18n/korean.ts';
import type { Id, Mailbox } from '@smartmail/jmap/types.ts';
import { language, t } from '../app/language.svelte.ts';
import { nameOf } from '../app/mailboxes.svelte.ts';
import { perform } from '../app/perform.ts';
import { place } from '../app/place.svelte.ts';
import { leaving, targets } from './action.ts';

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
