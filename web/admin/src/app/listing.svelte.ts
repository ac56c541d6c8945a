/** A list of the API on the screen: its first part, more on demand, what went wrong. */
import { ApiError, get, type Query } from '../api/client.ts';
import type { Page } from '../api/types.ts';
import { failureText } from './failure.ts';

export class Listing<T> {
  rows = $state.raw<T[]>([]);
  next = $state<string | null>(null);
  busy = $state(false);
  problem = $state('');
  /** The first part has come: an empty list may be called empty. */
  settled = $state(false);
  #query: Query = {};
  #stop: AbortController | null = null;

  constructor(
    readonly path: string,
    readonly arrange?: (rows: T[]) => T[],
    /** Where a part may begin with the rows that the one before ended with: what tells them. */
    readonly key?: (row: T) => string,
  ) {}

  /** Begins anew with other marks; an answer to earlier ones is dropped. */
  async load(query: Query = {}): Promise<void> {
    this.#stop?.abort();
    const stop = (this.#stop = new AbortController());
    this.#query = query;
    await this.#part({ ...query, limit: this.arrange ? 500 : 100 }, stop, []);
  }

  async reload(): Promise<void> {
    await this.load(this.#query);
  }

  async more(): Promise<void> {
    if (this.next === null || this.busy) return;
    const stop = (this.#stop = new AbortController());
    await this.#part({ ...this.#query, limit: 100, after: this.next }, stop, this.rows);
  }

  #fresh(before: T[], items: T[]): T[] {
    const key = this.key;
    if (!key || before.length === 0) return items;
    const known = new Set(before.map(key));
    return items.filter((row) => !known.has(key(row)));
  }

  async #part(query: Query, stop: AbortController, before: T[]): Promise<void> {
    this.busy = true;
    this.problem = '';
    try {
      const part = await get<Page<T>>(this.path, query, stop.signal);
      if (stop.signal.aborted) return;
      const rows = [...before, ...this.#fresh(before, part.items)];
      this.rows = this.arrange?.(rows) ?? rows;
      this.next = part.next ?? null;
      this.settled = true;
    } catch (error) {
      if (stop.signal.aborted) return;
      this.problem = failureText(error);
      if (!(error instanceof ApiError)) throw error;
    } finally {
      if (this.#stop === stop) this.busy = false;
    }
  }
}
