/** Rows dragged onto a mailbox: the checked ones when the dragged row is among them. */
import type { Id } from '@smartmail/jmap/types.ts';
import { listing } from './listing.svelte.ts';

const TYPE = 'application/x-smartmail';

export function startDragging(event: DragEvent, id: Id): void {
  const ids = listing.checked.has(id) ? [...listing.checked] : [id];
  event.dataTransfer?.setData(TYPE, JSON.stringify(ids));
  if (event.dataTransfer) event.dataTransfer.effectAllowed = 'move';
}

export function draggedIds(event: DragEvent): Id[] {
  const text = event.dataTransfer?.getData(TYPE);
  return text ? (JSON.parse(text) as Id[]) : [];
}
