import FileText from '@lucide/svelte/icons/file-text';
import type { Id } from '@smartmail/jmap/types.ts';
import { continueDraft } from '../app/answering.ts';
import { listing } from '../app/listing.svelte.ts';
import { place } from '../app/place.svelte.ts';
import { emailById } from '../app/records.svelte.ts';
import { type Action, hereRole, inOwnMail } from './action.ts';

/** Opens a message; a draft goes on being written. */
export function openMessage(id: Id): void {
  const index = listing.indexOf(id);
  if (index >= 0) listing.moveTo(index);
  if (inOwnMail() && hereRole() === 'drafts' && emailById(id)?.keywords.$draft) void continueDraft(id);
  else place.go({ emailId: id }, place.emailId !== null);
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
