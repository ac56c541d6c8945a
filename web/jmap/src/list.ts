/**
 * A query's answer as one long list of which only windows are known. The scroll bar can stand for
 * all of 200,000 messages while at most a few hundred ids have been fetched.
 *
 * Answers are applied newest wins; rows that are on their way out (`hide`) never flash back, even
 * when an older answer still has them.
 */
import type { Id } from './types.ts';

/** Rows asked for at once; windows are whole multiples, so that requests never overlap by a row. */
export const PAGE = 50;

export interface Window {
  position: number;
  ids: Id[];
  total: number;
  /** Messages that a search could not look into yet. */
  behind?: number;
}

export type WindowStart = { position: number } | { anchor: Id; anchorOffset: number };

/** `early` takes the same window before it is known how many rows there are in all. */
export type WindowSource = (start: WindowStart, limit: number, early?: (window: Window) => void) => Promise<Window>;

export class WindowedList {
  total = 0;
  behind = 0;
  /** False until the first answer: the only time a skeleton is shown. */
  ready = false;
  error: unknown = null;
  #ids: (Id | undefined)[] = [];
  #fresh = new Set<number>();
  #asked = new Set<number>();
  #wanted: [first: number, last: number] | null = null;
  /** The rows before the reader's eyes, as they were last asked for. */
  #seen: [first: number, last: number] | null = null;
  #hidden = new Map<Id, number>();
  #epoch = 0;
  #listeners = new Set<(shift: number) => void>();

  constructor(private readonly source: WindowSource) {}

  idAt(index: number): Id | undefined {
    return this.#ids[index];
  }

  /** −1 when the id is not in a window that was fetched. */
  indexOf(id: Id): number {
    return this.#ids.indexOf(id);
  }

  /** `shift`: how many rows were added above the row that the reader looks at. */
  listen(listener: (shift: number) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Fetches what is missing of rows first…last. Only the latest wish waits for a free slot. */
  ensure(first: number, last: number): void {
    this.#wanted = this.#seen = [Math.max(0, first), last];
    this.#pump();
  }

  /** Asks anew around the row at `index`, which keeps its place under the reader's eyes. */
  async refresh(index: number, rows: number): Promise<void> {
    const epoch = (this.#epoch += 1);
    this.#asked.clear();
    const top = Math.max(0, Math.floor(index / PAGE) * PAGE);
    const limit = Math.max(1, Math.ceil((index + rows - top) / PAGE)) * PAGE;
    const anchor = index > 0 ? this.#ids[index] : undefined;
    try {
      const window = await this.#fetchAround(anchor, index - top, top, limit);
      if (epoch === this.#epoch) this.#replace(window, anchor, index);
    } catch (error) {
      if (epoch === this.#epoch) this.#fail(error);
    }
    if (epoch === this.#epoch) this.#lookAgain();
  }

  /** A refresh throws away what was on its way: rows that the reader went to meanwhile are asked for anew. */
  #lookAgain(): void {
    if (!this.#seen) return;
    const [first, last] = this.#seen;
    for (let index = first; index <= Math.min(last, this.total - 1); index += 1) {
      if (this.#ids[index] === undefined) {
        this.ensure(first, last);
        return;
      }
    }
  }

  /** Takes rows out at once; the returned function puts them back where they were. */
  hide(ids: readonly Id[]): { restore(): void; forget(): void } {
    const places = this.#takeOut(ids);
    for (const id of ids) this.#hidden.set(id, (this.#hidden.get(id) ?? 0) + 1);
    this.#tell(0);
    let shown = false;
    const show = (): void => {
      if (shown) return;
      shown = true;
      for (const id of ids) {
        const count = (this.#hidden.get(id) ?? 1) - 1;
        if (count > 0) this.#hidden.set(id, count);
        else this.#hidden.delete(id);
      }
    };
    return {
      forget: show,
      restore: () => {
        show();
        this.#putBack(places);
      },
    };
  }

  async #fetchAround(anchor: Id | undefined, offset: number, top: number, limit: number): Promise<Window> {
    if (anchor !== undefined) {
      try {
        return await this.source({ anchor, anchorOffset: -offset }, limit);
      } catch {
        // The row is gone (anchorNotFound), or the server knows no anchors: by position then.
      }
    }
    return this.source({ position: top }, limit);
  }

  #pump(): void {
    if (!this.#wanted || this.#asked.size >= 8) return;
    const [first, last] = this.#wanted;
    const end = this.ready ? Math.min(last, this.total - 1) : last;
    for (const [page, pages] of missingRuns(first, end, (page) => this.#fresh.has(page) || this.#asked.has(page))) {
      void this.#fetch(page, pages);
    }
    this.#wanted = null;
  }

  async #fetch(page: number, pages: number): Promise<void> {
    const epoch = this.#epoch;
    for (let each = page; each < page + pages; each += 1) this.#asked.add(each);
    try {
      const early = this.ready ? undefined : (window: Window) => this.#showEarly(window, epoch);
      const window = await this.source({ position: page * PAGE }, pages * PAGE, early);
      if (epoch !== this.#epoch) return;
      this.#merge(window);
      for (let each = page; each < page + pages; each += 1) this.#fresh.add(each);
    } catch (error) {
      if (epoch === this.#epoch) this.#fail(error);
    } finally {
      if (epoch === this.#epoch) for (let each = page; each < page + pages; each += 1) this.#asked.delete(each);
    }
    this.#tell(0);
    this.#pump();
  }

  #showEarly(window: Window, epoch: number): void {
    if (epoch !== this.#epoch || this.ready) return;
    this.#merge(window);
    this.#tell(0);
  }

  #merge(window: Window): void {
    const ids = this.#visible(window.ids);
    this.total = window.total - (window.ids.length - ids.length);
    this.behind = window.behind ?? 0;
    this.#ids.length = this.total;
    for (let i = 0; i < ids.length; i += 1) this.#ids[window.position + i] = ids[i];
    this.#ids.length = this.total;
    this.#settle();
  }

  #replace(window: Window, anchor: Id | undefined, oldIndex: number): void {
    const found = anchor === undefined ? -1 : window.ids.indexOf(anchor);
    const shift = found < 0 ? 0 : window.position + found - oldIndex;
    const old = this.#ids;
    this.#ids = shift > 0 ? [...new Array<undefined>(shift), ...old] : old.slice(Math.max(0, -shift));
    if (this.#seen) this.#seen = [Math.max(0, this.#seen[0] + shift), this.#seen[1] + shift];
    this.#fresh.clear();
    this.#merge(window);
    const firstPage = Math.ceil(window.position / PAGE);
    const end = window.position + window.ids.length;
    for (let page = firstPage; (page + 1) * PAGE <= end || (page * PAGE < end && end >= this.total); page += 1) {
      this.#fresh.add(page);
    }
    this.#tell(shift);
  }

  #visible(ids: Id[]): Id[] {
    return this.#hidden.size === 0 ? ids : ids.filter((id) => !this.#hidden.has(id));
  }

  #takeOut(ids: readonly Id[]): [index: number, id: Id][] {
    const leaving = new Set(ids);
    const places: [number, Id][] = [];
    this.#ids.forEach((id, index) => {
      if (id !== undefined && leaving.has(id)) places.push([index, id]);
    });
    if (places.length === 0) return places;
    const kept: (Id | undefined)[] = [];
    for (let index = 0; index < this.#ids.length; index += 1) {
      const id = this.#ids[index];
      if (id === undefined || !leaving.has(id)) kept.push(id);
    }
    this.#ids = kept;
    this.total -= places.length;
    // Rows moved up across page borders: what lies below must be asked for again when it is seen.
    const firstPage = Math.floor((places[0]?.[0] ?? 0) / PAGE);
    for (const page of this.#fresh) if (page > firstPage) this.#fresh.delete(page);
    return places;
  }

  #putBack(places: readonly [index: number, id: Id][]): void {
    const missing = places.filter(([, id]) => this.indexOf(id) < 0);
    for (const [index, id] of missing) this.#ids.splice(index, 0, id);
    this.total += missing.length;
    this.#tell(0);
  }

  #fail(error: unknown): void {
    this.error = error;
    this.#tell(0);
  }

  #settle(): void {
    this.ready = true;
    this.error = null;
  }

  #tell(shift: number): void {
    for (const listener of this.#listeners) listener(shift);
  }
}

/** Runs of pages that cover rows first…last and are not known yet: [page, number of pages]. */
export function missingRuns(first: number, last: number, known: (page: number) => boolean): [number, number][] {
  const runs: [number, number][] = [];
  for (let page = Math.floor(first / PAGE); page * PAGE <= last; page += 1) {
    if (known(page)) continue;
    const run = runs.at(-1);
    if (run && run[0] + run[1] === page) run[1] += 1;
    else runs.push([page, 1]);
  }
  return runs;
}
