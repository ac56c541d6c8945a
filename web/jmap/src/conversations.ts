/** All messages of some conversations, wherever they lie. */
import type { Account } from './account.ts';
import { type Email, type Id, ROW_PROPERTIES, type Thread } from './types.ts';

/** So many objects in one request: below what every server grants (RFC 8620 §2 maxObjectsInGet). */
const BATCH = 200;

export async function conversationsOf(account: Account, ids: readonly Id[]): Promise<Email[]> {
  const threads = new Set(ids.map((id) => account.emails.get(id)?.threadId).filter((id) => id !== undefined));
  const members: Id[] = [];
  for (const part of parts([...threads])) {
    const { list } = await account.pipeline.send<{ list: Thread[] }>('Thread/get', { ids: part }).result;
    members.push(...list.flatMap((thread) => thread.emailIds));
  }
  for (const part of parts(members.filter((id) => account.emails.get(id) === undefined))) {
    const { list } = await account.pipeline.send<{ list: Email[] }>('Email/get', {
      ids: part,
      properties: ROW_PROPERTIES,
    }).result;
    account.emails.put(list);
  }
  return members.map((id) => account.emails.get(id)).filter((email) => email !== undefined);
}

function parts<T>(all: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(all.length / BATCH) }, (_none, at) => all.slice(at * BATCH, (at + 1) * BATCH));
}
