/** Where a row stands for a conversation, an act on it is meant for the conversation. */
import type { Id } from '@smartmail/jmap/types.ts';
import { connection } from './connection.svelte.ts';
import { place } from './place.svelte.ts';
import { settings } from './settings.svelte.ts';

export const collapsed = (): boolean => settings.conversation && place.inMailbox;

/**
 * The same messages and the others of their conversations that lie in the open mailbox: own answers stay among the sent,
 * drafts stay drafts. Out of reach of the server the messages alone are acted on.
 */
export async function withConversations(ids: Id[]): Promise<Id[]> {
  const account = connection.mail;
  const here = place.mailboxId;
  if (!account || here === null || !collapsed()) return ids;
  try {
    const { conversationsOf } = await import('@smartmail/jmap/conversations.ts');
    const all = await conversationsOf(account, ids);
    const inside = all.filter((email) => email.mailboxIds[here] && !email.keywords.$draft);
    return [...new Set([...ids, ...inside.map((email) => email.id)])];
  } catch (error) {
    connection.failed(error);
    return ids;
  }
}
