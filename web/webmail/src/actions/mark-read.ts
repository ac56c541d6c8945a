import Mail from '@lucide/svelte/icons/mail';
import MailOpen from '@lucide/svelte/icons/mail-open';
import type { Id } from '@smartmail/jmap/types.ts';
import { t } from '../app/language.svelte.ts';
import { perform } from '../app/perform.ts';
import { type Action, known, mayTo, targets } from './action.ts';

/** `whole`: the conversation that a row stands for. `told`: with a way back for a single one too. */
export function setSeen(ids: Id[], seen: boolean, whole = false, told = ids.length > 1): Promise<void> {
  const key = seen ? 'notice.read' : 'notice.unread';
  const notice = !told ? undefined : (count: number): string => t(key, { count });
  return perform({ ids, change: { keywords: { $seen: seen } }, leaves: false, whole, notice });
}

export const markRead: Action = {
  id: 'mark-read',
  label: () => 'action.markRead',
  icon: MailOpen,
  keys: ['Shift+i'],
  enabled: () => targets().length > 0,
  may: () => mayTo('maySetSeen'),
  run: () => setSeen(targets(true), true, true),
};

export const markUnread: Action = {
  id: 'mark-unread',
  label: () => 'action.markUnread',
  icon: Mail,
  keys: ['Shift+u'],
  enabled: () => targets().length > 0,
  may: () => mayTo('maySetSeen'),
  run: () => setSeen(targets(true), false),
};

/** The verb that changes something: "unread" when everything is read already. */
export function seenHere(): Action {
  const emails = known(targets());
  return emails.length > 0 && emails.every((email) => email.keywords.$seen) ? markUnread : markRead;
}
