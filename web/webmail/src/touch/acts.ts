/** What pushing a row aside can do: the acts of the toolbar, on one message. */
import Archive from '@lucide/svelte/icons/archive';
import AlarmClock from '@lucide/svelte/icons/alarm-clock';
import FolderInput from '@lucide/svelte/icons/folder-input';
import Mail from '@lucide/svelte/icons/mail';
import MailOpen from '@lucide/svelte/icons/mail-open';
import ShieldAlert from '@lucide/svelte/icons/shield-alert';
import ShieldCheck from '@lucide/svelte/icons/shield-check';
import Star from '@lucide/svelte/icons/star';
import Trash2 from '@lucide/svelte/icons/trash-2';
import type { MessageKey } from '@smartmail/i18n/translate.ts';
import { isUnread } from '@smartmail/jmap/change.ts';
import type { Email } from '@smartmail/jmap/types.ts';
import type { Component } from 'svelte';
import { hereRole, inOwnMail, mayTo } from '../actions/action.ts';
import { deleteMessages, isFinal } from '../actions/delete.ts';
import { setSeen } from '../actions/mark-read.ts';
import { moveTo } from '../actions/move.ts';
import { reportNoSpam, reportSpam } from '../actions/spam.ts';
import { setStar } from '../actions/star.ts';
import { place } from '../app/place.svelte.ts';
import type { Swipe } from '../app/preferences.ts';
import { shownByRole } from '../app/records.svelte.ts';

export interface RowAct {
  label: MessageKey;
  icon: Component;
  tone: 'accent' | 'info' | 'warn' | 'bad';
  /** The row goes: it is carried out to the side instead of coming back. */
  leaves: boolean;
  /** Asks first which mailbox, or when. */
  asks?: 'move' | 'snooze';
  run(): Promise<void>;
}

/** Mail that comes back later must have been received. */
const NOT_PUT_OFF: readonly (string | null)[] = ['sent', 'drafts', 'trash', 'junk', 'scheduled'];

/** Null where it means nothing here, or is not allowed: the row does not move to that side then. */
export function actFor(swipe: Swipe, email: Email): RowAct | null {
  const ids = [email.id];
  switch (swipe) {
    case 'read':
      return mayTo('maySetSeen', ids) ? readAct(email) : null;
    case 'star':
      return mayTo('maySetKeywords', ids) ? starAct(email) : null;
    case 'snooze':
      return inOwnMail() && !NOT_PUT_OFF.includes(hereRole())
        ? { label: 'snooze.title', icon: AlarmClock, tone: 'accent', leaves: false, asks: 'snooze', run: nothing }
        : null;
    case 'none':
      return null;
    default:
      return mayTo('mayRemoveItems', ids) ? takingAway(swipe, email) : null;
  }
}

function takingAway(swipe: 'archive' | 'move' | 'spam' | 'delete', { id }: Email): RowAct | null {
  if (swipe === 'move')
    return { label: 'action.move', icon: FolderInput, tone: 'info', leaves: false, asks: 'move', run: nothing };
  if (swipe === 'delete') return deleteAct(id);
  // Drafts were sent by nobody.
  if (swipe === 'spam') return hereRole() === 'drafts' ? null : spamAct(id);
  const archive = shownByRole('archive');
  if (!archive || hereRole() === 'archive') return null;
  const run = (): Promise<void> => moveTo(archive, [id]);
  return { label: 'swipe.archive', icon: Archive, tone: 'info', leaves: place.inMailbox, run };
}

function deleteAct(id: string): RowAct {
  const final = isFinal();
  return {
    label: final ? 'action.deleteForever' : 'action.delete',
    icon: Trash2,
    tone: 'bad',
    leaves: !final,
    run: () => deleteMessages([id]),
  };
}

/** With words even for one message: a thumb does it by mistake, and wants the way back. */
function readAct(email: Email): RowAct {
  const unread = isUnread(email);
  return {
    label: unread ? 'action.markRead' : 'action.markUnread',
    icon: unread ? MailOpen : Mail,
    tone: 'accent',
    leaves: false,
    run: () => setSeen([email.id], unread, unread, true),
  };
}

function starAct(email: Email): RowAct {
  const starred = email.keywords.$flagged === true;
  return {
    label: starred ? 'action.unstar' : 'action.star',
    icon: Star,
    tone: 'warn',
    leaves: false,
    run: () => setStar([email.id], !starred),
  };
}

function spamAct(id: string): RowAct | null {
  const isSpam = hereRole() === 'junk';
  if (!shownByRole(isSpam ? 'inbox' : 'junk')) return null;
  return {
    label: isSpam ? 'action.notSpam' : 'action.spam',
    icon: isSpam ? ShieldCheck : ShieldAlert,
    tone: 'warn',
    leaves: true,
    run: () => (isSpam ? reportNoSpam([id]) : reportSpam([id])),
  };
}

const nothing = (): Promise<void> => Promise.resolve();
