/** A tag dragged from the rail onto a message; messages dragged onto a tag use `app/dragging.ts`. */
import type { Id } from '@smartmail/jmap/types.ts';

export const TAG_TYPE = 'application/x-smartmail-tag';

export function startDraggingTag(event: DragEvent, id: Id): void {
  event.dataTransfer?.setData(TAG_TYPE, id);
  if (event.dataTransfer) event.dataTransfer.effectAllowed = 'copy';
}

export const carriesTag = (event: DragEvent): boolean => event.dataTransfer?.types.includes(TAG_TYPE) === true;
export const draggedTag = (event: DragEvent): Id => event.dataTransfer?.getData(TAG_TYPE) ?? '';
