/** Everything a person can do in mail and beyond it, from all features: what the registry of actions is filled with. */
import type { Action } from '../actions/action.ts';
import { archive } from '../actions/archive.ts';
import { back } from '../actions/back.ts';
import { block } from '../actions/block.ts';
import { compose } from '../actions/compose.ts';
import { deleteAction } from '../actions/delete.ts';
import { forward } from '../actions/forward.ts';
import { guide } from '../actions/guide.ts';
import { help } from '../actions/help.ts';
import { markRead, markUnread } from '../actions/mark-read.ts';
import { moveMenu } from '../actions/move-menu.ts';
import { open } from '../actions/open.ts';
import { palette } from '../actions/palette.ts';
import { phishing } from '../actions/phishing.ts';
import { replyAll } from '../actions/reply-all.ts';
import { reply } from '../actions/reply.ts';
import { search } from '../actions/search.ts';
import { extendDown, extendUp, select, selectAll } from '../actions/select.ts';
import { snooze } from '../actions/snooze.ts';
import { spamHere } from '../actions/spam.ts';
import { star } from '../actions/star.ts';
import { next, previous } from '../actions/step.ts';
import { tag } from '../actions/tag.ts';
import { CHOOSING, GOING } from '../actions/two-keys.ts';
import { undo } from '../actions/undo.ts';
import { memo, resend } from '../actions/write-again.ts';
import { addContact } from '../people/add-contact.ts';
import { print } from '../printing/print.ts';
import { forwardAttached } from '../saving/forward-attached.ts';
import { save } from '../saving/save-originals.ts';

const IN_MAIL: readonly Action[] = [
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

/** With what the list calls for now. */
export const inMail = (): Action[] => [...IN_MAIL, spamHere()];

/** What makes sense beyond mail too. */
export const everywhere: readonly Action[] = [back, compose, guide, help, memo, palette, search, undo, ...GOING];
