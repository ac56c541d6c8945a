/**
 * Where policy forbids copying, text of mail cannot be selected, dragged out or copied. It keeps honest people to the rules of
 * their company; whoever may read on a screen can photograph it. What a person writes is theirs: fields stay as they are.
 */
import { connection } from '../app/connection.svelte.ts';
import { t } from '../app/language.svelte.ts';
import { notices } from '../app/notices.svelte.ts';

const REFUSED = ['copy', 'cut', 'dragstart'] as const;

export function mayCopy(): boolean {
  return connection.account?.may('mayCopy') !== false;
}

/** Refuses what takes text out of `node`, or of a document in a frame, and says why. Returns what ends it. */
export function refuseCopying(node: Document | HTMLElement): () => void {
  const refuse = (event: Event): void => {
    if ((event.target as Element | null)?.closest?.('input, textarea, [contenteditable]')) return;
    event.preventDefault();
    notices.show(t('copy.forbidden'));
  };
  for (const name of REFUSED) node.addEventListener(name, refuse);
  return () => {
    for (const name of REFUSED) node.removeEventListener(name, refuse);
  };
}

/** The same as an attachment of an element, whose text cannot be selected either. */
export function uncopied(node: HTMLElement): (() => void) | undefined {
  if (mayCopy()) return undefined;
  for (const name of ['user-select', '-webkit-user-select']) node.style.setProperty(name, 'none');
  return refuseCopying(node);
}
