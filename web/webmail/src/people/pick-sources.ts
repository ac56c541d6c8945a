/** Whom the picker offers: the company, those one writes to often, own contacts and groups. Each a list in pages. */
import { CARD_ROW_PROPERTIES, type ContactCard, findCards } from '@smartmail/jmap/contacts.ts';
import type { EmailAddress, Id } from '@smartmail/jmap/types.ts';
import { connection } from '../app/connection.svelte.ts';
import { suggest } from '../app/people.ts';
import type { Frequent } from '../app/preferences.ts';
import { byName } from './by-name.ts';
import { rowOf } from './card.ts';
import { peopleIn, peopleNamed, rowOfColleague } from './company.ts';
import { addressesOf, groups } from './groups.ts';
import { addressOf, type PersonRow } from './person-row.ts';
import type { Fetch } from './roster.svelte.ts';

/** Nobody writes to more by hand; a department has an address of its own. */
export const MOST_AT_ONCE = 1000;
const MOST_FREQUENT = 80;
/** The server tells no more of at once. */
const PAGE = 500;

export function companySource(words: string, shown: Id, below: boolean): Fetch<PersonRow> {
  const fetch = words === '' ? peopleIn(shown, below) : peopleNamed(words);
  return async (position, limit) => {
    const { total, list } = await fetch(position, limit);
    return { total, list: list.map(rowOfColleague) };
  };
}

export function recentSource(frequent: readonly Frequent[], words: string): Fetch<PersonRow> {
  const found = words === '' ? frequent : suggest([...frequent], words, [], MOST_FREQUENT);
  const rows = found.map(({ name, email }): PersonRow => {
    return { id: email, name: name ?? email, title: '', email, place: '', phone: '' };
  });
  return page(Promise.resolve(rows));
}

/** `seen`: groups stand among contacts, and are taken as their members. */
export function contactSource(words: string, seen: Map<Id, ContactCard>): Fetch<PersonRow> {
  return async (position, limit) => {
    const { account } = connection;
    if (!account) return { total: 0, list: [] };
    const filter = words === '' ? {} : { text: words };
    const wish = { filter, sort: byName(), position, limit, properties: CARD_ROW_PROPERTIES };
    const { total, list } = await findCards(account.pipeline, wish);
    for (const one of list) seen.set(one.id, one);
    return { total, list: list.map(rowOf) };
  };
}

export function groupSource(words: string, seen: Map<Id, ContactCard>): Fetch<PersonRow> {
  const typed = words.toLowerCase();
  const rows = groups().then((all) => {
    for (const one of all) seen.set(one.id, one);
    return all.map(rowOf).filter(({ name }) => name.toLowerCase().includes(typed));
  });
  return page(rows);
}

function page(rows: Promise<PersonRow[]>): Fetch<PersonRow> {
  return async (position, limit) => {
    const all = await rows;
    return { total: all.length, list: all.slice(position, position + limit) };
  };
}

/** Everybody of a department who can be written to. */
export async function addressesIn(id: Id, below: boolean): Promise<EmailAddress[]> {
  const fetch = peopleIn(id, below);
  const found: EmailAddress[] = [];
  for (let [position, total] = [0, 1]; position < Math.min(total, MOST_AT_ONCE);) {
    const part = await fetch(position, PAGE);
    if (part.list.length === 0) break;
    position += part.list.length;
    total = part.total;
    found.push(
      ...part.list
        .map(rowOfColleague)
        .filter(({ email }) => email !== '')
        .map(addressOf),
    );
  }
  return found;
}

export const addressesOfGroup = (group: ContactCard | undefined): Promise<EmailAddress[]> =>
  group ? addressesOf([group]) : Promise.resolve([]);
