/** The list on the screen: its window of rows, the row the keyboard is on, the chosen rows. */
import { WindowedList } from '@smartmail/jmap/list.ts';
import { sortOf } from '@smartmail/jmap/orders.ts';
import type { Email, Id } from '@smartmail/jmap/types.ts';
import { untrack } from 'svelte';
import { createSubscriber, SvelteSet } from 'svelte/reactivity';
import { connection } from './connection.svelte.ts';
import { place } from './place.svelte.ts';
import { emailById } from './records.svelte.ts';
import { settings } from './settings.svelte.ts';

/** What the list component lets others do with its scroll position. */
export interface ListView {
  show(index: number): void;
  shift(rows: number): void;
  /** These rows leave the list in this moment. */
  leave(rows: readonly number[]): void;
  toTop(): void;
  firstInSight(): number;
  focus(): void;
}

/** Acting on more than this at once is work for an administrator's tool. */
const MOST_SELECTED = 100_000;
const nothing = new WindowedList(() => Promise.resolve({ position: 0, ids: [], total: 0 }));

class Listing {
  #list = $state.raw(nothing);
  #track: () => void = () => undefined;
  /** Row the keyboard is on. */
  cursor = $state(-1);
  #cursorId: Id | undefined;
  readonly checked = new SvelteSet<Id>();
  /** The request for everything that the server has not answered yet. */
  #everything = $state.raw<object | null>(null);
  #rangeStart = -1;
  view: ListView | null = null;
  /** Which list it is, counted: what was learned about the rows of one says nothing about the next. */
  opened = $state(0);
  /** The search line whose results it holds; empty for none. */
  line = $state('');
  rows = 50;

  get total(): number {
    this.#track();
    return this.#list.total;
  }

  /** How many messages a search could not look into yet. */
  get behind(): number {
    this.#track();
    return this.#list.behind;
  }

  get ready(): boolean {
    this.#track();
    return this.#list.ready;
  }

  get error(): unknown {
    this.#track();
    return this.#list.error;
  }

  idAt(index: number): Id | undefined {
    this.#track();
    return this.#list.idAt(index);
  }

  emailAt(index: number): Email | undefined {
    return emailById(this.idAt(index));
  }

  indexOf(id: Id): number {
    return this.#list.indexOf(id);
  }

  /** Opens the list for the place the person is at. */
  open(): void {
    const account = connection.mail;
    if (!account) return;
    const list = account.list(place.condition, settings.conversation, sortOf(place.order));
    this.uncheck();
    this.cursor = -1;
    this.#cursorId = undefined;
    this.#rangeStart = -1;
    this.#list = list;
    this.opened += 1;
    this.line = place.search;
    this.#track = createSubscriber((update) => list.listen(update));
    list.listen((shift) => this.#moved(list, shift));
    list.ensure(0, 49);
    this.view?.toTop();
  }

  ensure(first: number, last: number): void {
    if (this.#list.ready) this.#list.ensure(first, last);
  }

  refresh(): void {
    void this.renew();
  }

  /** Settles when the server has answered; what went wrong then stands in `error`. */
  renew(): Promise<void> {
    const top = untrack(() => this.view?.firstInSight() ?? 0);
    return this.#list.refresh(top, this.rows);
  }

  hide(ids: Id[]): ReturnType<WindowedList['hide']> {
    for (const id of ids) this.checked.delete(id);
    this.view?.leave(this.#inSight(new Set(ids)));
    return this.#list.hide(ids);
  }

  #inSight(ids: ReadonlySet<Id>): number[] {
    const top = this.view?.firstInSight() ?? 0;
    const rows = Array.from({ length: this.rows }, (_, row) => top + row);
    return rows.filter((row) => ids.has(this.#list.idAt(row) ?? ''));
  }

  moveTo(index: number): void {
    if (this.#list.total === 0) return;
    this.cursor = Math.min(Math.max(0, index), this.#list.total - 1);
    this.#cursorId = this.#list.idAt(this.cursor);
    this.view?.show(this.cursor);
  }

  toggle(id: Id, on = !this.checked.has(id)): void {
    this.#everything = null;
    if (on) this.checked.add(id);
    else this.checked.delete(id);
    this.#rangeStart = this.indexOf(id);
  }

  /** From the last toggled row to this one. */
  extendTo(index: number): void {
    const start = this.#rangeStart < 0 ? Math.max(0, this.cursor) : this.#rangeStart;
    for (let row = Math.min(start, index); row <= Math.max(start, index); row += 1) {
      const id = this.#list.idAt(row);
      if (id !== undefined) this.checked.add(id);
    }
  }

  /** First the rows that are loaded around the eyes (those that fit); the toolbar then offers everything. */
  checkLoaded(fits?: (email: Email) => boolean): void {
    const top = this.view?.firstInSight() ?? 0;
    const end = Math.min(this.#list.total, top + this.rows);
    for (let row = top; row < end; row += 1) {
      const id = this.#list.idAt(row);
      const email = this.emailAt(row);
      if (id !== undefined && (fits === undefined || (email && fits(email)))) this.checked.add(id);
    }
  }

  /** Everything was chosen, but what that is has not come yet: an act now would reach only a part of it. */
  get choosing(): boolean {
    return this.#everything !== null;
  }

  async checkEverything(): Promise<void> {
    const asked = {};
    this.#everything = asked;
    try {
      const ids = await connection.mail?.allIds(place.condition, MOST_SELECTED);
      // Another list, or another choice, since.
      if (asked === this.#everything) for (const id of ids ?? []) this.checked.add(id);
    } catch (error) {
      connection.failed(error);
    } finally {
      if (asked === this.#everything) this.#everything = null;
    }
  }

  uncheck(): void {
    this.#everything = null;
    this.checked.clear();
  }

  /** What an act on a row means: the checked ones when it is among them. */
  withRow(id: Id): Id[] {
    if (!this.checked.has(id)) return [id];
    return this.choosing ? [] : [...this.checked];
  }

  #moved(list: WindowedList, shift: number): void {
    if (list !== this.#list) return;
    if (shift !== 0) this.view?.shift(shift);
    if (this.cursor < 0) return;
    const index = this.#cursorId === undefined ? -1 : list.indexOf(this.#cursorId);
    this.cursor = index >= 0 ? index : Math.min(this.cursor, list.total - 1);
    this.#cursorId = list.idAt(this.cursor);
  }
}

export const listing = new Listing();
