/** 수신확인: what became of sent mail at each recipient, and taking it back. */
import type { GetResult } from '@smartmail/jmap/methods.ts';
import { type Email, type Id, ROW_PROPERTIES } from '@smartmail/jmap/types.ts';
import { connection } from '../app/connection.svelte.ts';
import { mailboxByRole } from '../app/records.svelte.ts';
import type { Recipient } from './receipt.ts';

type RecallWord = 'recalled' | 'cancelled' | 'read' | 'gone' | 'outside' | 'failed' | 'large';

export interface Recalled {
  email: string;
  result: RecallWord;
  /** Whether it had been read at that moment. */
  reading: 'read' | 'unread' | 'unknown';
  /** Of a list: at how many of its members each. */
  counts: Partial<Record<RecallWord, number>> | null;
  /** Of a list: members whom nobody has counted yet get nothing. */
  rest: boolean;
}

export interface Recall {
  list: Recalled[];
  /** Links to big files that went out with it; none of them opens any more. */
  links: number;
  /** The signed receipt, as the text of a file. */
  receipt: string;
}

export interface ListReading {
  name: string;
  list: {
    email: string;
    name: string;
    department: string;
    state: 'read' | 'unread' | 'hidden' | 'gone';
    readAt: string | null;
  }[];
  /** Whom to ask where the readers may not be told. */
  ask: string[];
  isWhole: boolean;
  remindedAt: string | null;
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

export async function recall(emailId: Id): Promise<Recall | null> {
  const call = connection.account?.pipeline.send<Recall>('SentMail/recall', { emailId });
  return (await call?.result) ?? null;
}

export async function listReaders(emailId: Id, list: string): Promise<ListReading | null> {
  const call = connection.account?.pipeline.send<ListReading>('SentMail/listReaders', { emailId, list });
  return (await call?.result) ?? null;
}

/** Writes to those of a list who have not read it; to how many. */
export async function remind(emailId: Id, list: string): Promise<number> {
  const call = connection.account?.pipeline.send<{ reminded: number }>('SentMail/remind', { emailId, list });
  return (await call?.result)?.reminded ?? 0;
}
