import ShieldAlert from '@lucide/svelte/icons/shield-alert';
import ShieldCheck from '@lucide/svelte/icons/shield-check';
import type { Id } from '@smartmail/jmap/types.ts';
import { t } from '../app/language.svelte.ts';
import { perform } from '../app/perform.ts';
import { shownByRole } from '../app/records.svelte.ts';
import { type Action, hereRole, leaving, mayTo, targets } from './action.ts';

/** $junk and $notjunk teach the server's filter (IANA IMAP keywords registry). */
export const spam: Action = {
  id: 'spam',
  label: () => 'action.spam',
  icon: ShieldAlert,
  keys: ['!'],
  enabled: () => targets().length > 0,
  may: () => mayTo('mayRemoveItems') && shownByRole('junk') !== undefined,
  run: () => reportSpam(targets(true)),
};

export async function reportSpam(ids: Id[]): Promise<void> {
  const junk = shownByRole('junk');
  if (!junk) return;
  const change = { mailboxes: leaving(ids, junk.id), keywords: { $junk: true, $notjunk: false } };
  // The filter learns from it: answers of colleagues in the same conversation are no spam.
  await perform({ ids, change, leaves: true, whole: false, notice: t('notice.spam', { count: ids.length }) });
}

export const notSpam: Action = {
  id: 'not-spam',
  label: () => 'action.notSpam',
  icon: ShieldCheck,
  keys: ['!'],
  enabled: () => targets().length > 0,
  may: () => mayTo('mayRemoveItems') && shownByRole('inbox') !== undefined,
  run: () => reportNoSpam(targets(true)),
};

export async function reportNoSpam(ids: Id[]): Promise<void> {
  const inbox = shownByRole('inbox');
  if (!inbox) return;
  const change = { mailboxes: leaving(ids, inbox.id), keywords: { $junk: false, $notjunk: true } };
  await perform({ ids, change, leaves: true, notice: (count) => t('notice.notSpam', { count }) });
}

export const spamHere = (): Action => (hereRole() === 'junk' ? notSpam : spam);
