/** What a search finds in the other accounts of which the person sees something: how many, and the newest few. */
import type { Account } from '@smartmail/jmap/account.ts';
import { type Email, type Id, ROW_PROPERTIES } from '@smartmail/jmap/types.ts';
import { untrack } from 'svelte';
import { connection } from '../app/connection.svelte.ts';
import { t } from '../app/language.svelte.ts';
import { place } from '../app/place.svelte.ts';
import { mailboxesOf } from '../app/records.svelte.ts';

/** Accounts that are asked at once; whoever sees more looks into them one by one. */
const MOST_ACCOUNTS = 20;
const ROWS = 2;
/** Each letter of a line changes it: the list on the screen is asked first. */
const PAUSE_MS = 400;
/** Several changes in a row are one question. */
const CHANGED_MS = 1200;

export interface Elsewhere {
  /** Null: the person's own mail. */
  accountId: Id | null;
  name: string;
  total: number;
  rows: readonly Email[];
}

const accountOf = (id: Id | null): Account | null => (id === null ? connection.account : connection.other(id));

class OtherResults {
  found = $state.raw<readonly Elsewhere[]>([]);
  #asking = 0;

  /** Call in an effect. Mail that comes or goes in one of the accounts has that one asked again. */
  follow(): () => void {
    const line = place.search;
    const here = place.accountId;
    const others: [Id | null, string][] = connection.shared.map((one) => [one.id, one.name]);
    const every: [Id | null, string][] = [[null, t('elsewhere.own')], ...others];
    const asked = every.filter(([id]) => id !== here).slice(0, MOST_ACCOUNTS);
    const timers = new Map<Id | null, ReturnType<typeof setTimeout>>();
    const later = ([id, name]: [Id | null, string]): void => {
      clearTimeout(timers.get(id));
      timers.set(
        id,
        setTimeout(() => void this.#again(line, asked, id, name), CHANGED_MS),
      );
    };
    const ends = untrack(() => asked.map((one) => accountOf(one[0])?.onChange('Email', () => later(one))));
    const timer = setTimeout(() => void this.#ask(line, asked), PAUSE_MS);
    return () => {
      for (const each of [timer, ...timers.values()]) clearTimeout(each);
      for (const end of ends) end?.();
    };
  }

  async #ask(line: string, asked: [Id | null, string][]): Promise<void> {
    const mine = (this.#asking += 1);
    const answers = await Promise.all(asked.map(([id, name]) => this.#look(line, id, name)));
    if (mine === this.#asking) this.found = answers.filter((one) => one !== null && one.total > 0) as Elsewhere[];
  }

  /** One account anew, in its place among the others. */
  async #again(line: string, asked: [Id | null, string][], accountId: Id | null, name: string): Promise<void> {
    const mine = this.#asking;
    const answer = await this.#look(line, accountId, name);
    if (mine !== this.#asking || answer === null) return;
    const found = new Map(this.found.map((one) => [one.accountId, one])).set(accountId, answer);
    this.found = asked.flatMap(([id]) => found.get(id) ?? []).filter(({ total }) => total > 0);
  }

  /** One account that does not answer takes nothing from the others. */
  async #look(line: string, accountId: Id | null, name: string): Promise<Elsewhere | null> {
    const account = accountOf(accountId);
    if (!account) return null;
    try {
      const { total, rows } = await ask(account, line);
      account.emails.put(rows);
      return { accountId, name, total, rows };
    } catch (error) {
      connection.failed(error);
      return null;
    }
  }
}

async function ask(account: Account, line: string): Promise<{ total: number; rows: Email[] }> {
  const byRole = (role: string): ReturnType<typeof mailboxesOf>[number] | undefined =>
    mailboxesOf(account).find((mailbox) => mailbox.role === role);
  const { query, get } = account.pipeline.group(() => {
    const query = account.pipeline.call('Email/query', {
      filter: place.conditionOf(line, byRole),
      sort: [{ property: 'receivedAt', isAscending: false }],
      limit: ROWS,
      calculateTotal: true,
    });
    return {
      query,
      get: account.pipeline.call('Email/get', { '#ids': query.ref('/ids'), properties: ROW_PROPERTIES }),
    };
  });
  const [{ total = 0 }, { list }] = await Promise.all([query.result, get.result]);
  return { total, rows: list };
}

export const elsewhere = new OtherResults();
