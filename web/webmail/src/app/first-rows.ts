import type { Id } from '@smartmail/jmap/types.ts';

/**
 * The mailbox whose rows an address (`#mailbox/mail`) leads to, read before there is a screen: the inbox for an empty
 * one, null for a search, a filter, mail of others or a place beyond mail, which ask for their rows themselves.
 */
export function mailboxInAddress(hash: string, inbox: Id | undefined): Id | null {
  const [path = '', query = ''] = hash.replace(/^#/, '').split('?');
  if (query !== '' || /^[/~]/.test(path)) return null;
  return decodeURIComponent(path.split('/')[0] ?? '') || (inbox ?? null);
}
