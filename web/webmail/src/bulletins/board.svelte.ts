/** 공지: what the company tells this person, kept in step with the server. */
import type { GetResult, SetResult } from '@smartmail/jmap/methods.ts';
import { connection } from '../app/connection.svelte.ts';
import type { Bulletin } from './words.ts';

export type Said = 'isPopped' | 'isClosed' | 'isRead';

class Board {
  list = $state.raw<readonly Bulletin[] | null>(null);
  /** Counts questions and marks: an answer to a question before the newest of them is out of date. */
  #turn = 0;

  /** Call in an effect: asks now and whenever something changes. */
  follow(): (() => void) | undefined {
    const { account } = connection;
    if (!account) return undefined;
    void this.load();
    return account.onChange('Bulletin', () => void this.load());
  }

  async load(): Promise<void> {
    const turn = (this.#turn += 1);
    try {
      const call = connection.account?.pipeline.send<GetResult<Bulletin>>('Bulletin/get', { ids: null });
      const told = await call?.result;
      if (told && turn === this.#turn) this.list = told.list;
    } catch (error) {
      connection.failed(error);
    }
  }

  /** The screen does not wait for the server; what could not be said comes back with the look that follows. */
  async say(id: string, said: Said): Promise<void> {
    this.#turn += 1;
    const now = new Date().toISOString();
    const change = said === 'isRead' ? { readAt: now } : { [said]: true };
    this.list = this.list?.map((one) => (one.id === id ? { ...one, ...change } : one)) ?? null;
    try {
      const update = { [id]: { [said]: true } };
      await connection.account?.pipeline.send<SetResult>('Bulletin/set', { update }).result;
    } catch (error) {
      connection.failed(error);
    }
    await this.load();
  }
}

export const board = new Board();
