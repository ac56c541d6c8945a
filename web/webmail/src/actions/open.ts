import FileText from '@lucide/svelte/icons/file-text';
import type { Id } from '@smartmail/jmap/types.ts';
import { listing } from '../app/listing.svelte.ts';
import { place } from '../app/place.svelte.ts';
import { emailById } from '../app/records.svelte.ts';
import { continueDraft, continueTeamDraft } from '../app/letters.ts';
import { type Action, hereRole, inOwnMail, mayTo } from './action.ts';

/** Opens a message; a draft goes on being written. */
export function openMessage(id: Id): void {
  const index = listing.indexOf(id);
  if (index >= 0) listing.moveTo(index);
  if (hereRole() === 'drafts' && mayGoOn(id)) void goOn(id);
  else place.go({ emailId: id }, place.emailId !== null);
}

/** A draft of one's own, or one of a team where the person may put another into its place. */
export function mayGoOn(id: Id): boolean {
  if (!emailById(id)?.keywords.$draft) return false;
  return inOwnMail() || (mayTo('mayAddItems', [id]) && mayTo('mayRemoveItems', [id]));
}

export async function goOn(id: Id): Promise<void> {
  const { accountId } = place;
  if (accountId === null) await continueDraft(id);
  else await continueTeamDraft(accountId, id);
}

export const open: Action = {
  id: 'open',
  label: () => 'action.open',
  icon: FileText,
  keys: ['Enter', 'o'],
  enabled: () => listing.cursor >= 0,
  run() {
    const id = listing.idAt(listing.cursor);
    if (id !== undefined) openMessage(id);
  },
};
