/** The person's own contacts for the recipient fields: by name, first sounds, company or address. */
import { CARD_ROW_PROPERTIES, findCards } from '@smartmail/jmap/contacts.ts';
import type { EmailAddress } from '@smartmail/jmap/types.ts';
import { connection } from '../app/connection.svelte.ts';
import { byName } from './by-name.ts';
import { rowOf } from './card.ts';

export interface Suggested extends EmailAddress {
  department: string;
  title: string;
}

export async function suggestContacts(text: string, limit: number): Promise<Suggested[]> {
  const { account } = connection;
  if (!account) return [];
  const wish = { filter: { text }, sort: byName(), limit, properties: CARD_ROW_PROPERTIES };
  const { list } = await findCards(account.pipeline, wish);
  return list
    .map(rowOf)
    .filter(({ email }) => email !== '')
    .map(({ name, email, place, title }) => ({ name: name === email ? null : name, email, department: place, title }));
}
