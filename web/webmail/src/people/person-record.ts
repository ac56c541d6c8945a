/** What is known of a person beside their address: mail with them, and the card in the own address book. */
import { type ContactCard, findCards } from '@smartmail/jmap/contacts.ts';
import { connection } from '../app/connection.svelte.ts';
import { place } from '../app/place.svelte.ts';
import { mailboxByRole } from '../app/records.svelte.ts';
import { hasContacts } from '../app/address-books.ts';
import { quoted } from '../app/search-line.ts';

/** Mail of somebody and to them, as a search line that a person can read. */
export const mailWith = (email: string): string => `from:${quoted(email)} OR to:${quoted(email)}`;

/** Messages of somebody and to them; undefined where that cannot be told. */
export async function countWith(email: string): Promise<number | undefined> {
  const filter = place.conditionOf(mailWith(email), mailboxByRole);
  const asked = connection.account?.pipeline.call('Email/query', { filter, limit: 1, calculateTotal: true });
  return (await asked?.result)?.total;
}

/** Their card in the own address book; null when there is none. */
export async function cardOf(email: string): Promise<ContactCard | null> {
  const { account } = connection;
  if (!account || !hasContacts()) return null;
  const { list } = await findCards(account.pipeline, { filter: { email }, limit: 20 });
  const wanted = email.toLowerCase();
  const is = ({ emails = {} }: ContactCard): boolean =>
    Object.values(emails).some(({ address }) => address.toLowerCase() === wanted);
  return list.find(is) ?? null;
}
