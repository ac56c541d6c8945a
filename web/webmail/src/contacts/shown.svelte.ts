/** What the address book shows now: one book, one group or everybody, by words; kept in step with the server. */
import {
  type AddressBook,
  CARD_ROW_PROPERTIES,
  type CardFilter,
  type ContactCard,
  findCards,
} from '@smartmail/jmap/contacts.ts';
import type { Id } from '@smartmail/jmap/types.ts';
import { connection } from '../app/connection.svelte.ts';
import { language } from '../app/language.svelte.ts';
import { recordsOf } from '../app/records.svelte.ts';
import { byName } from '../people/by-name.ts';
import { groups, membersOf } from '../people/groups.ts';
import { type Fetch, type Page, Roster } from '../people/roster.svelte.ts';
import type { Scope } from './scope.ts';

class Shown {
  readonly roster = new Roster<ContactCard>((error) => connection.failed(error));
  /** With all their members; in the order of their names. */
  groups = $state.raw<readonly ContactCard[]>([]);
  /** Every card that was in a list: who is chosen may have scrolled away since. */
  readonly known = new Map<Id, ContactCard>();
  #scope: Scope = {};
  #words = '';

  get books(): AddressBook[] {
    return recordsOf<AddressBook>('AddressBook').toSorted(
      (one, other) => Number(other.isDefault) - Number(one.isDefault) || one.name.localeCompare(other.name, language()),
    );
  }

  async open(scope: Scope, words: string): Promise<void> {
    [this.#scope, this.#words] = [scope, words];
    // Members are known by their group.
    if (scope.group !== undefined && !this.groups.some(({ id }) => id === scope.group)) await this.loadGroups();
    await this.roster.open(this.#fetch());
  }

  /** After an act, and when the server tells of a change. */
  async refresh(): Promise<void> {
    await this.loadGroups();
    await this.roster.open(this.#fetch());
  }

  loadGroups(): Promise<void> {
    return groups().then(
      (list) => void (this.groups = list),
      (error: unknown) => connection.failed(error),
    );
  }

  #fetch(): Fetch<ContactCard> {
    const { book, group } = this.#scope;
    const words = this.#words;
    const filter: CardFilter = { ...(book ? { inAddressBook: book } : {}), ...(words ? { text: words } : {}) };
    const of = this.groups.find(({ id }) => id === group);
    if (group === undefined)
      return async (position, limit) => {
        const { account } = connection;
        if (!account) return { total: 0, list: [] };
        return this.#seen(
          await findCards(account.pipeline, {
            filter,
            sort: byName(),
            position,
            limit,
            properties: CARD_ROW_PROPERTIES,
          }),
        );
      };
    const all = of ? membersOf(of, words) : Promise.resolve([]);
    return async (position, limit) => {
      const list = await all;
      return this.#seen({ total: list.length, list: list.slice(position, position + limit) });
    };
  }

  #seen(page: Page<ContactCard>): Page<ContactCard> {
    for (const card of page.list) this.known.set(card.id, card);
    return page;
  }
}

export const shown = new Shown();
