/** Putting mail off, waiting for an answer, and the way back. The server moves the mail; the list shows it at once. */
import type { Id } from '@smartmail/jmap/types.ts';
import { hereRole, inOwnMail } from '../actions/action.ts';
import { connection } from '../app/connection.svelte.ts';
import { withConversations } from '../app/conversations.ts';
import { longDate } from '../app/format.svelte.ts';
import { t } from '../app/language.svelte.ts';
import { listing } from '../app/listing.svelte.ts';
import { notices } from '../app/notices.svelte.ts';
import { reportFailure, whereNext } from '../app/perform.ts';
import { place } from '../app/place.svelte.ts';
import { utc } from '../app/hours.ts';

interface Reminded {
  reminded: Id[];
  notReminded: Record<Id, { type: string }> | null;
}

const NOT_FROM: readonly (string | null)[] = ['drafts', 'trash', 'junk', 'scheduled'];

/** Whether what the open list holds can be put off. */
export const mayPutOff = (): boolean => inOwnMail() && !NOT_FROM.includes(hereRole());

/** What 나중에 보기 does in the open list: sent mail waits for an answer, other mail comes back. */
export function putOff(ids: Id[], at: Date): void {
  if (hereRole() === 'sent') void awaitAnswer(ids, at);
  else void snooze(ids, at);
}

/** Out of the open list until `at`. */
export async function snooze(ids: Id[], at: Date): Promise<void> {
  const { account } = connection;
  if (!account || ids.length === 0) return;
  const after = whereNext(ids);
  const hidden = listing.hide(ids);
  after?.();
  try {
    const all = await withConversations(ids);
    const args = { ids: all, kind: 'snooze', at: utc(at), ...here() };
    const { reminded } = await account.pipeline.send<Reminded>('Email/remind', args).result;
    if (reminded.length === 0) throw new Error('nothing was put off');
    const undo = (): void => void end(reminded).then(() => hidden.restore());
    notices.show(t('snooze.done', { count: reminded.length, time: longDate(at.toISOString()) }), { undo });
    if (reminded.length === all.length) hidden.forget();
    else hidden.restore();
  } catch (error) {
    hidden.restore();
    reportFailure(error);
  }
}

/** Another hour for what waits or came up already. */
export async function again(ids: Id[], at: Date): Promise<void> {
  const { account } = connection;
  if (!account) return;
  try {
    await account.pipeline.send<Reminded>('Email/remind', { ids, kind: 'snooze', at: utc(at) }).result;
    notices.show(t('snooze.again', { time: longDate(at.toISOString()) }));
  } catch (error) {
    reportFailure(error);
  }
}

/** Sent mail that comes up unless it is answered by then. */
export async function awaitAnswer(ids: Id[], at: Date): Promise<void> {
  const { account } = connection;
  if (!account || ids.length === 0) return;
  try {
    const args = { ids, kind: 'followUp', at: utc(at) };
    const { reminded } = await account.pipeline.send<Reminded>('Email/remind', args).result;
    if (reminded.length === 0) throw new Error('nothing waits');
    const undo = (): void => void end(reminded);
    notices.show(t('followUp.done', { time: longDate(at.toISOString()) }), { undo });
  } catch (error) {
    reportFailure(error);
  }
}

/** What is put off is back in its mailbox; what came up is as any other mail. */
export async function end(ids: Id[]): Promise<void> {
  const { account } = connection;
  if (!account) return;
  try {
    await account.pipeline.send('Email/endReminder', { ids }).result;
    notices.show(t('snooze.ended'));
  } catch (error) {
    reportFailure(error);
  }
}

function here(): { mailboxId?: Id } {
  return place.inMailbox && place.mailboxId !== null ? { mailboxId: place.mailboxId } : {};
}
