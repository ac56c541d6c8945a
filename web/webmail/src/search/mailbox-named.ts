/** Mailboxes as `in:` names them: standard ones by their role, which is the same in every language. */
import type { Mailbox } from '@smartmail/jmap/types.ts';
import { t } from '../app/language.svelte.ts';
import { nameOf } from '../app/mailboxes.svelte.ts';
import { shownMailboxes } from '../app/records.svelte.ts';

export const tokenOf = (mailbox: Mailbox): string => mailbox.role ?? mailbox.name;

/** In the reader's words; what no mailbox is called stays as it was typed. */
export function mailboxNamed(value: string): string {
  const wanted = value.toLowerCase();
  if (wanted === 'anywhere') return t('search.everywhere');
  const found = shownMailboxes().find((mailbox) =>
    [tokenOf(mailbox), mailbox.name, nameOf(mailbox)].some((name) => name.toLowerCase() === wanted),
  );
  return found ? nameOf(found) : value;
}
