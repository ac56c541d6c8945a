/** Groups of the address book: which there are, who is in one, whom a letter to them goes to. */
import { CARD_ROW_PROPERTIES, cardAddresses, cardName, type ContactCard, findCards } from '@smartmail/jmap/contacts.ts';
import type { EmailAddress } from '@smartmail/jmap/types.ts';
import { connection } from '../app/connection.svelte.ts';
import { language } from '../app/language.svelte.ts';
import { byName } from './by-name.ts';

/** The server reads 256 conditions of a filter. */
const UIDS_AT_ONCE = 200;
const MOST_GROUPS = 500;

/** In the order of their names. */
export async function groups(): Promise<readonly ContactCard[]> {
  const { account } = connection;
  if (!account) return [];
  const wish = { filter: { kind: 'group' }, sort: byName(), limit: MOST_GROUPS, properties: CARD_ROW_PROPERTIES };
  return (await findCards(account.pipeline, wish)).list;
}

/** The cards of a group; with words only those that the server finds by them. */
export async function membersOf(group: ContactCard, words = ''): Promise<ContactCard[]> {
  const { account } = connection;
  const uids = Object.keys(group.members ?? {});
  if (!account) return [];
  const found: ContactCard[] = [];
  for (let from = 0; from < uids.length; from += UIDS_AT_ONCE) {
    const conditions = uids
      .slice(from, from + UIDS_AT_ONCE)
      .map((uid) => ({ uid, ...(words === '' ? {} : { text: words }) }));
    const wish = { filter: { operator: 'OR' as const, conditions }, sort: byName(), limit: UIDS_AT_ONCE };
    found.push(...(await findCards(account.pipeline, { ...wish, properties: CARD_ROW_PROPERTIES })).list);
  }
  // Each answer has its own order.
  if (uids.length <= UIDS_AT_ONCE) return found;
  return found.sort((one, other) => cardName(one).localeCompare(cardName(other), language()));
}

/** Whom a letter to these goes to: everybody's first address, groups as their members. */
export async function addressesOf(cards: readonly ContactCard[]): Promise<EmailAddress[]> {
  const found = await Promise.all(
    cards.map(async (card): Promise<(EmailAddress | undefined)[]> => {
      if (card.kind !== 'group') return [cardAddresses(card)[0]];
      const plain = Object.keys(card.members ?? {})
        .filter((uid) => uid.startsWith('mailto:'))
        .map((uid) => ({ name: null, email: uid.slice('mailto:'.length) }));
      return [...(await membersOf(card)).map((one) => cardAddresses(one)[0]), ...plain];
    }),
  );
  const all = found.flat().filter((one) => one !== undefined);
  return [...new Map(all.map((one) => [one.email.toLowerCase(), one])).values()];
}
