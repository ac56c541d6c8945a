/**
 * Rows dragged onto a mailbox: the checked ones when the dragged row is among them. One message may be dragged out to the
 * desktop too, where policy lets originals be saved; files of mail may be dragged in.
 */
import { displayName } from '@smartmail/jmap/addresses.ts';
import type { Id } from '@smartmail/jmap/types.ts';
import { fileNameOf } from './file-name.ts';
import { connection } from './connection.svelte.ts';
import { t } from './language.svelte.ts';
import { listing } from './listing.svelte.ts';
import { emailById } from './records.svelte.ts';
import './drag-ghost.css';

const TYPE = 'application/x-smartmail';
/** So near to the edge of a list it moves under what is dragged, by so much. */
const EDGE = 40;
const STEP = 14;

export function startDragging(event: DragEvent, id: Id): void {
  const ids = listing.withRow(id);
  if (ids.length === 0) return event.preventDefault();
  const data = event.dataTransfer;
  if (!data) return;
  data.setData(TYPE, JSON.stringify(ids));
  data.effectAllowed = 'copyMove';
  const email = emailById(id);
  const { account, mail } = connection;
  if (email && mail && ids.length === 1 && account?.may('mayExport') !== false) {
    // Chromium fetches it when it is let go over a desktop or a folder; other browsers know no such thing.
    const name = fileNameOf(email.subject);
    const url = new URL(mail.downloadUrl(email.blobId, name, 'message/rfc822'), location.href);
    data.setData('DownloadURL', `message/rfc822:${name}:${url.href}`);
  }
  const from = email?.from?.[0];
  const words = email ? `${from ? `${displayName(from)} · ` : ''}${email.subject ?? ''}` : '';
  ghost(data, ids.length > 1 ? t('list.selected', { count: ids.length }) : words || t('list.noSubject'));
}

/** What hangs at the pointer: how many, or which one. */
function ghost(data: DataTransfer, text: string): void {
  const shown = document.createElement('div');
  shown.className = 'drag-ghost cut';
  shown.textContent = text;
  document.body.append(shown);
  data.setDragImage(shown, -12, -4);
  // The browser has its picture when this task is over.
  setTimeout(() => shown.remove());
}

export function draggedIds(event: DragEvent): Id[] {
  const text = event.dataTransfer?.getData(TYPE);
  return text ? (JSON.parse(text) as Id[]) : [];
}

/** Mail comes: of this list, or in files. */
export function carriesMail(event: DragEvent): boolean {
  const types = event.dataTransfer?.types ?? [];
  return types.includes(TYPE) || (types.includes('Files') && connection.account?.may('mayImport') !== false);
}

/** A list of places goes on under what is dragged near its edge. */
export function scrollAtEdge(event: DragEvent & { currentTarget: HTMLElement }): void {
  const list = event.currentTarget;
  const { top, bottom } = list.getBoundingClientRect();
  if (event.clientY < top + EDGE) list.scrollTop -= STEP;
  else if (event.clientY > bottom - EDGE) list.scrollTop += STEP;
}
