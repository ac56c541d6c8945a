/** 수신확인: what became of sent mail at each recipient, and taking it back. */
import type { GetResult } from '@smartmail/jmap/methods.ts';
import { type Email, type Id, ROW_PROPERTIES } from '@smartmail/jmap/types.ts';
import { connection } from '../app/connection.svelte.ts';
import { mailboxByRole } from '../app/records.svelte.ts';
import type { Recipient } from './receipt.ts';

export interface Recalled {
  email: string;
  result: 'recalled' | 'cancelled' | 'read' | 'gone' | 'outside' | 'failed';
}

const NEWEST_FIRST = [{ property: 'receivedAt', isAscending: false }];
export const PAGE = 50;

/** Sent mail, the newest first. */
export async function sentMail(position: number): Promise<Email[]> {
  const { account } = connection;
  const sent = mailboxByRole('sent');
  if (!account || !sent) return [];
  const { pipeline } = account;
  const [, rows] = await Promise.all(
    pipeline.group(() => {
      const ask = { filter: { inMailbox: sent.id }, sort: NEWEST_FIRST, position, limit: PAGE };
      const query = pipeline.send<unknown>('Email/query', ask);
      const properties = [...ROW_PROPERTIES, 'cc', 'bcc'];
      const get = pipeline.send<GetResult<Email>>('Email/get', { '#ids': query.ref('/ids'), properties });
      return [query.result, get.result] as const;
    }),
  );
  return rows.list;
}

export async function recipientsOf(emailId: Id): Promise<Recipient[]> {
  const call = connection.account?.pipeline.send<{ list: Recipient[] }>('SentMail/recipients', { emailId });
  return (await call?.result)?.list ?? [];
}

export async function recall(emailId: Id): Promise<Recalled[]> {
  const call = connection.account?.pipeline.send<{ list: Recalled[] }>('SentMail/recall', { emailId });
  return (await call?.result)?.list ?? [];
}
