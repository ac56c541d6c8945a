/** All that comes back by itself, as the server has it. */
import type { GetResult, QueryResult } from '@smartmail/jmap/methods.ts';
import { type Email, type Id, type Reminder, ROW_PROPERTIES } from '@smartmail/jmap/types.ts';
import { connection } from '../app/connection.svelte.ts';
import { mailboxByRole } from '../app/records.svelte.ts';

interface Row extends Reminder {
  emailId: Id;
}

/** `at` is null for mail that a mail program has put into the mailbox: it has no hour yet. */
export interface Listed {
  email: Email;
  kind: Reminder['kind'];
  state: Reminder['state'];
  at: string | null;
}

const MOST = 500;

/** The next to come first; what came up already is before it. */
export async function loadReminders(): Promise<Listed[]> {
  const { account } = connection;
  if (!account) return [];
  const { pipeline } = account;
  const asleep = mailboxByRole('snoozed');
  const [told, lying] = await Promise.all([
    pipeline.send<{ list: Row[] }>('Reminder/query', {}).result,
    asleep
      ? pipeline.send<QueryResult>('Email/query', { filter: { inMailbox: asleep.id }, limit: MOST }).result
      : { ids: [] },
  ]);
  const rows = told.list.slice(0, MOST);
  const known = new Set(rows.map(({ emailId }) => emailId));
  const ids = [...known, ...lying.ids.filter((id) => !known.has(id))].slice(0, MOST);
  const answer = await pipeline.send<GetResult<Email>>('Email/get', { ids, properties: ROW_PROPERTIES }).result;
  const emails = new Map(answer.list.map((email) => [email.id, email]));
  const timed = rows.flatMap(({ emailId, kind, state, at }) => {
    const email = emails.get(emailId);
    return email ? [{ email, kind, state, at }] : [];
  });
  const rest = ids
    .filter((id) => !known.has(id))
    .flatMap((id) => {
      const email = emails.get(id);
      return email ? [{ email, kind: 'snooze' as const, state: 'waiting' as const, at: null }] : [];
    });
  const up = timed.filter(({ state }) => state === 'woken');
  return [...up, ...timed.filter(({ state }) => state !== 'woken'), ...rest];
}
