/** A list of people of any length, fetched in pages as they come into sight. Does not know where the pages come from. */
import { SvelteMap } from 'svelte/reactivity';

export interface Page<T> {
  total: number;
  list: T[];
}

export type Fetch<T> = (position: number, limit: number) => Promise<Page<T>>;

const ROWS = 100;
/** The server gives no more at once. */
const MOST_AT_ONCE = 500;

export class Roster<T> {
  total = $state(0);
  ready = $state(false);
  failed = $state(false);
  /** Everybody is on the way for `all`: whoever acts now would reach only a part of them. */
  gathering = $state(false);
  #fetch: Fetch<T> | null = null;
  /** By number of the page; empty while it is on its way. */
  #pages = new SvelteMap<number, readonly T[]>();
  #range: [number, number] = [0, 0];

  constructor(private readonly onfailure: (error: unknown) => void) {}

  /** Another list; what comes late for the one before is dropped. What stood there stays until the new rows are there. */
  async open(fetch: Fetch<T>): Promise<void> {
    this.#fetch = fetch;
    this.failed = this.gathering = false;
    const page = await this.#ask(fetch, 0);
    if (this.#fetch !== fetch) return;
    this.#pages.clear();
    if (page) this.#pages.set(0, page.list);
    this.total = page?.total ?? 0;
    this.failed = page === null;
    this.ready = true;
    this.ensure(...this.#range);
  }

  /** The same list as it is now, where the reader is. */
  async refresh(): Promise<void> {
    const fetch = this.#fetch;
    if (fetch) await this.open((position, limit) => fetch(position, limit));
  }

  at(index: number): T | undefined {
    return this.#pages.get(Math.floor(index / ROWS))?.[index % ROWS];
  }

  find(is: (one: T) => boolean): T | undefined {
    for (const page of this.#pages.values()) {
      const found = page.find(is);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Fetches what of these rows is not here yet. */
  ensure(first: number, last: number): void {
    const fetch = this.#fetch;
    this.#range = [first, last];
    if (!fetch || !this.ready) return;
    const end = Math.min(last, this.total - 1);
    for (let page = Math.floor(first / ROWS); page * ROWS <= end; page += 1) {
      if (this.#pages.has(page)) continue;
      this.#pages.set(page, []);
      void this.#ask(fetch, page * ROWS).then((found) => {
        if (this.#fetch !== fetch) return;
        if (found) this.#pages.set(page, found.list);
        else this.#pages.delete(page);
      });
    }
  }

  /** Everybody on the list, for acting on all of them; no more than `most`, and nobody when another list was opened meanwhile. */
  async all(most: number): Promise<T[]> {
    const fetch = this.#fetch;
    if (!fetch) return [];
    this.gathering = true;
    try {
      const found = await gathered(fetch, most, () => this.#fetch === fetch);
      return this.#fetch === fetch ? found : [];
    } finally {
      if (this.#fetch === fetch) this.gathering = false;
    }
  }

  async #ask(fetch: Fetch<T>, position: number): Promise<Page<T> | null> {
    try {
      return await fetch(position, ROWS);
    } catch (error) {
      this.onfailure(error);
      return null;
    }
  }
}

async function gathered<T>(fetch: Fetch<T>, most: number, wanted: () => boolean): Promise<T[]> {
  const found: T[] = [];
  // As many as the answers say: the rows that are shown may still be those of the list before.
  for (let end = most; wanted() && found.length < end;) {
    const { list, total } = await fetch(found.length, Math.min(MOST_AT_ONCE, most - found.length));
    if (list.length === 0) break;
    found.push(...list);
    end = Math.min(most, total);
  }
  return found;
}
