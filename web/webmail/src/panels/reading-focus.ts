/**
 * Focus is never lost: an open letter that covers the list takes it, and gives it back to the list's row when it is left
 * by whatever way: a key, a button that is gone with it, a frame.
 */
import { tick } from 'svelte';
import { listing } from '../app/listing.svelte.ts';
import { place } from '../app/place.svelte.ts';
import { screen } from '../app/screen.svelte.ts';

/** Nobody has it: it was on something that is gone, or that is covered now. */
function lost(): boolean {
  const at = document.activeElement;
  return at === null || at === document.body || at.closest('[inert]') !== null || !at.checkVisibility();
}

async function find(scroller: () => HTMLElement | undefined): Promise<void> {
  await tick();
  // A dialog has the focus, or gives it back when it is closed.
  if (!lost() || document.querySelector('dialog[open]')) return;
  if (place.emailId === null || screen.pane) listing.view?.focus();
  else scroller()?.focus({ preventScroll: true });
}

/** As an effect: after each letter that is opened or left; returns what is done when the pane goes. */
export function keepFocus(scroller: () => HTMLElement | undefined): () => void {
  void place.emailId;
  void find(scroller);
  return () => void find(scroller);
}
