/** 위임: who may use all of one's mail, as what, until when; and who may write as its owner. */
import { MethodFailure } from '@smartmail/jmap/errors.ts';
import { type Principal, principalsById, type ShareRole } from '@smartmail/jmap/mailbox-acts.ts';
import type { SetError } from '@smartmail/jmap/methods.ts';
import type { Id } from '@smartmail/jmap/types.ts';
import { connection } from '../app/connection.svelte.ts';
import { team } from '../teamwork/team.svelte.ts';

/** Nothing, with the owner named beside, or as the owner alone. */
export type Writing = '' | 'sendOnBehalf' | 'sendAs';
export const WRITINGS: readonly Writing[] = ['', 'sendOnBehalf', 'sendAs'];

interface Delegation {
  id: Id;
  rights: string[];
  role: ShareRole | 'custom';
  ends: string | null;
}

/** One that stands. `role` null: letters that have no word, or none at all. */
export interface Delegate {
  who: Principal;
  role: ShareRole | null;
  /** Letters that are no role, kept as they are. */
  letters: string[];
  writing: Writing;
  ends: string | undefined;
}

export interface DelegateWish {
  role: ShareRole | null;
  writing: Writing;
  /** Null: without an end; undefined: as it was. */
  ends?: string | null;
}

export class DelegationBook {
  /** Null until the server has answered. */
  held = $state.raw<Delegate[] | null>(null);

  async load(): Promise<void> {
    const { account } = connection;
    if (!account) return;
    const asked = account.pipeline.send<{ list: Delegation[] }>('Delegation/get', { ids: null });
    const { list } = await asked.result;
    const known = new Map(list.map((one) => [one.id, one]));
    const people = await principalsById(account, [...known.keys()]);
    this.held = people.flatMap((who) => {
      const one = known.get(who.id);
      return one ? [delegateOf(who, one)] : [];
    });
  }

  /** Whoever has something already has exactly this from now on. */
  async give(people: readonly Principal[], wish: DelegateWish): Promise<void> {
    const create = Object.fromEntries(people.map(({ id }) => [id, { principalId: id, ...asked(wish, []) }]));
    await this.#set({ create });
  }

  async change(one: Delegate, wish: Partial<DelegateWish>): Promise<void> {
    const { role, writing } = one;
    const letters = wish.role == null ? one.letters : [];
    await this.#set({ update: { [one.who.id]: asked({ role, writing, ...wish }, letters) } });
  }

  async stop(one: Delegate): Promise<void> {
    await this.#set({ destroy: [one.who.id] });
  }

  async #set(args: object): Promise<void> {
    interface Answer {
      notCreated?: Record<Id, SetError> | null;
      notUpdated?: Record<Id, SetError> | null;
      notDestroyed?: Record<Id, SetError> | null;
    }
    const answer = await connection.account?.pipeline.send<Answer>('Delegation/set', args).result;
    // Of several some may have been given.
    await this.load();
    void team.look();
    const { notCreated, notUpdated, notDestroyed } = answer ?? {};
    const [refused] = Object.values({ ...notCreated, ...notUpdated, ...notDestroyed });
    if (refused) throw new MethodFailure(refused.type, refused.description ?? '');
  }
}

function asked({ role, writing, ends }: DelegateWish, letters: readonly string[]): object {
  const rights = [...(role === null ? letters : []), ...(writing === '' ? [] : [writing])];
  return { role, rights, ...(ends === undefined ? {} : { ends }) };
}

function delegateOf(who: Principal, { rights, role, ends }: Delegation): Delegate {
  const letters = rights.filter((one) => one.length === 1);
  const writing = WRITINGS.findLast((one) => rights.includes(one)) ?? '';
  return { who, role: role === 'custom' ? null : role, letters, writing, ends: ends ?? undefined };
}
