/** All actions that have a shortcut, and the keyboard's way to them. */
import { shortcutOf, takesText } from '@smartmail/ui/keys.ts';
import { confirming } from '../app/confirm.svelte.ts';
import type { Action } from './action.ts';
import { back } from './back.ts';
import { compose } from './compose.ts';
import { deleteAction } from './delete.ts';
import { forward } from './forward.ts';
import { help } from './help.ts';
import { markRead, markUnread } from './mark-read.ts';
import { open } from './open.ts';
import { reply } from './reply.ts';
import { replyAll } from './reply-all.ts';
import { search } from './search.ts';
import { extendDown, extendUp, select, selectAll } from './select.ts';
import { spamHere } from './spam.ts';
import { star } from './star.ts';
import { next, previous } from './step.ts';
import { undo } from './undo.ts';

const FIXED: readonly Action[] = [
  back,
  compose,
  deleteAction,
  extendDown,
  extendUp,
  forward,
  help,
  markRead,
  markUnread,
  next,
  open,
  previous,
  reply,
  replyAll,
  search,
  select,
  selectAll,
  star,
  undo,
];

/** Targets come from the row under the cursor too, so a key acts where a toolbar button would not. */
const NEED_NO_SELECTION = new Set(['delete', 'star', 'mark-read', 'mark-unread', 'spam', 'not-spam']);

export function actionFor(shortcut: string): Action | null {
  return [...FIXED, spamHere()].find((action) => action.keys.includes(shortcut)) ?? null;
}

export function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing || takesText(event.target)) return;
  if (confirming.question !== null || document.querySelector('dialog[open], [popover]:popover-open')) return;
  const shortcut = shortcutOf(event);
  // Enter and the space bar on a button press that button.
  const onControl =
    event.target instanceof Element && event.target.closest('button, a, summary, [role="treeitem"]') !== null;
  if (onControl && (shortcut === 'Enter' || shortcut === ' ' || shortcut.includes('Arrow'))) return;
  const action = actionFor(shortcut);
  if (!action || !(action.enabled() || NEED_NO_SELECTION.has(action.id))) return;
  event.preventDefault();
  void action.run();
}
