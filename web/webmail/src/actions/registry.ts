/** All actions that have a shortcut, and the keyboard's way to them. */
import { shortcutOf, takesText } from '@smartmail/ui/keys.ts';
import { chrome } from '../app/chrome.svelte.ts';
import { confirming } from '../app/confirm.svelte.ts';
import { place } from '../app/place.svelte.ts';
import type { Action } from './action.ts';
import { addContact } from './add-contact.ts';
import { archive } from './archive.ts';
import { block } from './block.ts';
import { memo, resend } from './write-again.ts';
import { back } from './back.ts';
import { compose } from './compose.ts';
import { deleteAction } from './delete.ts';
import { forward } from './forward.ts';
import { forwardAttached } from './forward-attached.ts';
import { guide } from './guide.ts';
import { help } from './help.ts';
import { markRead, markUnread } from './mark-read.ts';
import { open } from './open.ts';
import { moveMenu } from './move-menu.ts';
import { palette } from './palette.ts';
import { phishing } from './phishing.ts';
import { print } from './print.ts';
import { reply } from './reply.ts';
import { replyAll } from './reply-all.ts';
import { save } from './save.ts';
import { search } from './search.ts';
import { extendDown, extendUp, select, selectAll } from './select.ts';
import { spamHere } from './spam.ts';
import { snooze } from './snooze.ts';
import { star } from './star.ts';
import { next, previous } from './step.ts';
import { tag } from './tag.ts';
import { CHOOSING, GOING, joined } from './two-keys.ts';
import { undo } from './undo.ts';

const FIXED: readonly Action[] = [
  addContact,
  archive,
  back,
  block,
  compose,
  deleteAction,
  extendDown,
  extendUp,
  forward,
  forwardAttached,
  guide,
  help,
  markRead,
  markUnread,
  memo,
  moveMenu,
  next,
  open,
  resend,
  palette,
  phishing,
  previous,
  print,
  reply,
  replyAll,
  save,
  search,
  select,
  selectAll,
  snooze,
  star,
  tag,
  undo,
  ...CHOOSING,
  ...GOING,
];

/** What makes sense beyond mail too. */
const EVERYWHERE: readonly Action[] = [back, compose, guide, help, memo, palette, search, undo, ...GOING];

/** Targets come from the row under the cursor too, so a key acts where a toolbar button would not. */
const NEED_NO_SELECTION = new Set(['delete', 'star', 'mark-read', 'mark-unread', 'archive', 'spam', 'not-spam']);

/** Of screens that are fetched later; theirs go before those of mail while they are there. */
const registered = new Set<readonly Action[]>();

/** Adds the actions of a screen while it is shown: `$effect(() => registerActions([…]))`. */
export function registerActions(actions: readonly Action[]): () => void {
  registered.add(actions);
  return () => void registered.delete(actions);
}

/** Everything that can be done now, for the command palette. */
export function allActions(): Action[] {
  const own = [...registered].flat();
  return place.section === null ? [...own, ...FIXED, spamHere()] : [...own, ...EVERYWHERE];
}

export function actionFor(shortcut: string): Action | null {
  return allActions().find((action) => action.keys.includes(shortcut)) ?? null;
}

export function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing || takesText(event.target)) return;
  // What is typed while the palette still comes was meant for its field: `#` there must not delete a mail.
  if (chrome.palette) return;
  if (confirming.question !== null || document.querySelector('dialog[open], [popover]:popover-open')) return;
  if (/^(Shift|Control|Alt|Meta)$/.test(event.key)) return;
  // A frame's own clock begins when the frame does.
  const shortcut = joined(shortcutOf(event), performance.now());
  // Enter and the space bar on a button press that button.
  const onControl =
    event.target instanceof Element && event.target.closest('button, a, summary, [role="treeitem"]') !== null;
  if (onControl && (shortcut === 'Enter' || shortcut === ' ' || shortcut.includes('Arrow'))) return;
  const action = actionFor(shortcut);
  if (!action || action.may?.() === false || !(action.enabled() || NEED_NO_SELECTION.has(action.id))) return;
  event.preventDefault();
  void action.run();
}
