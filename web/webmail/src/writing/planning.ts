/** When a letter leaves: after the time in which it can be taken back, or at an hour that was chosen. */
import type { SendWish } from '@smartmail/jmap/submitting.ts';
import type { SetResult } from '@smartmail/jmap/methods.ts';
import type { EmailAddress, Id } from '@smartmail/jmap/types.ts';
import { connection } from '../app/connection.svelte.ts';
import type { Draft } from './draft.svelte.ts';
import { t } from '../app/language.svelte.ts';
import { ownMoment } from '../app/own-clock.ts';
import { mailboxByRole } from '../app/records.svelte.ts';
import { settings } from '../app/settings.svelte.ts';
import { daysAfter, utc } from '../app/hours.ts';

export const UNDO_DEFAULT_S = 10;

export function undoSeconds(): number {
  return Math.min(settings.of('undoSeconds') ?? UNDO_DEFAULT_S, connection.account?.maxUndoSeconds ?? 0);
}

/** What the server is asked for beside the letter; null: it leaves at once. */
export async function wishOf(
  draft: Draft,
  until: Date | null,
  recipients: readonly EmailAddress[] = draft.recipients,
): Promise<SendWish | null> {
  const from = draft.identity?.email ?? '';
  const to = [...new Set(recipients.map(({ email }) => email))];
  const answer = answerBy(draft.options.followUp, until ?? new Date());
  if (until) return { from, to, until: until.toISOString(), file: await mailboxFor('scheduled'), ...answer };
  const hold = undoSeconds();
  const trash = draft.options.keepSent ? null : mailboxByRole('trash');
  if (trash) return { from, to, hold, file: trash.id, ...answer };
  // A letter to some of those whom it names needs an envelope of its own.
  const some = recipients.length < draft.recipients.length;
  return hold > 0 || some || answer.answerBy ? { from, to, hold, ...answer } : null;
}

/** A number of days from the sending, or a day of one's own, by the person's clock. */
export function answerBy(wish: string, from: Date): { answerBy?: string } {
  if (wish === '') return {};
  const at = wish.includes('-') ? ownMoment(`${wish}T09:00`) : daysAfter(from, Number(wish));
  return at && at > from ? { answerBy: utc(at) } : {};
}

/** The mailbox of planned mail, or of notes to oneself; made when the first one is. */
export async function mailboxFor(role: 'scheduled' | 'memos'): Promise<Id> {
  const known = mailboxByRole(role);
  if (known) return known.id;
  const create = { made: { name: t(role === 'memos' ? 'mailbox.memos' : 'scheduled.title'), role } };
  const result = await connection.account?.pipeline.send<SetResult>('Mailbox/set', { create }).result;
  const id = result?.created?.made?.id;
  if (id === undefined) throw new Error(`no mailbox for ${role}`);
  return id;
}
