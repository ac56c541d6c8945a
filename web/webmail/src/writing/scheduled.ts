/** Mail that leaves later, as the server holds it. */
import type { GetResult } from '@smartmail/jmap/methods.ts';
import { type Email, type Id, ROW_PROPERTIES } from '@smartmail/jmap/types.ts';
import { connection } from '../app/connection.svelte.ts';
import { mailboxByRole } from '../app/records.svelte.ts';

interface Held {
  id: Id;
  emailId: Id;
  identityId: Id;
  sendAt: string;
  envelope: { mailFrom: { email: string }; rcptTo: { email: string }[] } | null;
}

export interface Planned extends Held {
  email: Email;
}

/** The next to leave first. Mail that is only held so that sending can be undone is none of these. */
export async function loadPlanned(): Promise<Planned[]> {
  const { account } = connection;
  if (!account) return [];
  const { pipeline } = account;
  const [, held, emails] = await Promise.all(
    pipeline.group(() => {
      const query = pipeline.send<unknown>('EmailSubmission/query', { filter: { undoStatus: 'pending' } });
      const get = pipeline.send<GetResult<Held>>('EmailSubmission/get', { '#ids': query.ref('/ids') });
      const ids = get.ref('/list/*/emailId');
      const rows = pipeline.send<GetResult<Email>>('Email/get', { '#ids': ids, properties: ROW_PROPERTIES });
      return [query.result, get.result, rows.result] as const;
    }),
  );
  const mailbox = mailboxByRole('scheduled')?.id ?? '';
  const known = new Map(emails.list.map((email) => [email.id, email]));
  return held.list
    .flatMap((one) => {
      const email = known.get(one.emailId);
      return email && email.mailboxIds[mailbox] ? [{ ...one, email }] : [];
    })
    .sort((one, other) => one.sendAt.localeCompare(other.sendAt));
}

/** Back among the drafts. Raises `cannotUnsend` when it has left. */
export async function takeBack(one: Planned): Promise<void> {
  const drafts = mailboxByRole('drafts');
  if (drafts) await connection.account?.unsend(one.id, drafts.id);
}

/** Another hour, or at once. */
export async function replan(one: Planned, at: Date | null): Promise<void> {
  const { account } = connection;
  const drafts = mailboxByRole('drafts');
  const sent = mailboxByRole('sent');
  const planned = mailboxByRole('scheduled');
  if (!account || !drafts || !sent || !planned) return;
  await account.unsend(one.id, drafts.id);
  const from = one.envelope?.mailFrom.email ?? '';
  const to = (one.envelope?.rcptTo ?? []).map(({ email }) => email);
  const wish = at ? { from, to, until: at.toISOString(), file: planned.id } : { from, to, hold: 0 };
  await account.submit(one.emailId, one.identityId, drafts.id, sent.id, null, wish);
}
