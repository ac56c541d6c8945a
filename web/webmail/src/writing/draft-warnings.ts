/** The warnings of a letter that is being written. */
import { domainOf, isAddress } from '@smartmail/jmap/addresses.ts';
import type { EmailAddress } from '@smartmail/jmap/types.ts';
import { CAPABILITY } from '@smartmail/jmap/types.ts';
import { connection } from '../app/connection.svelte.ts';
import type { Draft } from './draft.svelte.ts';
import { settings } from '../app/settings.svelte.ts';
import { book } from '../people/book.svelte.ts';
import { type Warning, warningsOf } from './warnings.ts';

interface Told {
  outsideRecipients?: { maxPerMessage?: number | null; over?: 'refuse' | 'approval' };
}

/** Whoever gets it and is not one of us. */
export function strangersOf(draft: Draft): EmailAddress[] {
  const home = draft.identity ? domainOf(draft.identity) : '';
  return draft.recipients.filter((one) => isAddress(one.email) && !book.isInside(one, home));
}

export function warningsFor(draft: Draft): Warning[] {
  const { account } = connection;
  const own = account?.session.accounts[account.id]?.accountCapabilities[CAPABILITY.own] as Told | undefined;
  const { recipients } = draft;
  const strangers = strangersOf(draft);
  return warningsOf({
    subject: draft.subject,
    text: draft.own,
    files: draft.attachments.length + (draft.linked?.files.length ?? 0),
    recipients,
    outside: strangers.length,
    strangers,
    mostOutside: own?.outsideRecipients?.maxPerMessage ?? 0,
    approves: own?.outsideRecipients?.over === 'approval',
    known: settings.of('frequentPeople') ?? [],
  });
}
