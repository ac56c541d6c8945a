/** What a search finds in the other accounts of which the person sees something: how many, and the newest few. */
import type { Account } from '@smartmail/jmap/account.ts';
import { type Email, type Id, ROW_PROPERTIES } from '@smartmail/jmap/types.ts';
import { connection } from '../app/connection.svelte.ts';
import { t } from '../app/language.svelte.ts';
import { place } from '../app/place.svelte.ts';
import { mailboxesOf } from '../app/records.svelte.ts';

/** Accounts that are asked at once; whoever sees more looks into them one by one. */
const MOST_ACCOUNTS = 20;
const ROWS = 2;
/** Each letter of a line changes it: the list on the screen is asked first. */
const PAUSE_MS = 400;

export interface Elsewhere {
  /** Null: the person's own mail. */
  accountId: Id | null;
  name: string;
  total: number;
  rows: readonly Email[];
}

class OtherResults {
  found = $state.raw<readonly Elsewhere[]>([]);
  #asking = 0;

  /** Call in an effect. */
  follow(): () => void {
    const line = place.search;
    const here = place.accountId;
    const others: [Id | null, string][] = connection.shared.map((one) => [one.id, one.name]);
    const every: [Id | null, string][] = [[null, t('elsewhere.own')], ...others];
    const asked = every.filter(([id]) => id !== here).slice(0, MOST_ACCOUNTS);
    const timer = setTimeout(() => void this.#ask(line, asked), PAUSE_MS);
    return () => clearTimeout(timer);
  }

  async #ask(line: string, asked: [Id | null, string][]): Promise<void> {
    const mine = (this.#asking += 1);
    const answers = await Promise.all(asked.map(([id, name]) => this.#look(line, id, name)));
    if (mine === this.#asking) this.found = answers.filter((one) => one !== null && one.total > 0) as Elsewhere[];
  }

  /** One account that does not answer takes nothing from the others. */
  async #look(line: string, accountId: Id | null, name: string): Promise<Elsewhere | null> {
    const account = accountId === null ? connection.account : connection.other(accountId);
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
