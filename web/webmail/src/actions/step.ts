import ChevronDown from '@lucide/svelte/icons/chevron-down';
import ChevronUp from '@lucide/svelte/icons/chevron-up';
import { takesText } from '@smartmail/ui/keys.ts';
import { listing } from '../app/listing.svelte.ts';
import { place } from '../app/place.svelte.ts';
import type { Action } from './action.ts';
import { openMessage } from './open.ts';

/** Moves the cursor; an open message is followed by its neighbour. */
function step(by: 1 | -1): void {
  const at = place.emailId === null ? listing.cursor : listing.indexOf(place.emailId);
  const index = Math.min(Math.max(0, at + by), listing.total - 1);
  listing.moveTo(index);
  // The ring around the row shows where the keyboard is. A key that is done late takes it from no field.
  if (place.emailId === null && !takesText(document.activeElement)) listing.view?.focus();
  const id = listing.idAt(index);
  if (place.emailId !== null && id !== undefined && id !== place.emailId) openMessage(id);
}

function canStep(by: 1 | -1): boolean {
  const at = place.emailId === null ? listing.cursor : listing.indexOf(place.emailId);
  return at + by >= 0 && at + by < listing.total;
}

export const next: Action = {
  id: 'next',
  label: () => 'action.next',
  icon: ChevronDown,
  keys: ['j', 'ArrowDown'],
  enabled: () => canStep(1),
  run: () => step(1),
};

export const previous: Action = {
  id: 'previous',
  label: () => 'action.previous',
  icon: ChevronUp,
  keys: ['k', 'ArrowUp'],
  enabled: () => canStep(-1),
  run: () => step(-1),
};
