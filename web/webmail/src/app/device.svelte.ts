/** What this device keeps of the account: mail of the last days, acts and letters that wait for the network. */
import type { Account } from '@smartmail/jmap/account.ts';
import type { Backend } from '@smartmail/jmap/backend.ts';
import { RequestFailure } from '@smartmail/jmap/errors.ts';
import { LocalBackend } from '@smartmail/jmap/local/backend.ts';
import type { Journal } from '@smartmail/jmap/local/journal.ts';
import type { Letter, Letters, Outcome } from '@smartmail/jmap/local/letters.ts';
import { LocalMail } from '@smartmail/jmap/local/mail.ts';
import type { Unsaved } from '@smartmail/jmap/local/unsaved.ts';
import { onAnswer } from '@smartmail/jmap/network.ts';
import type { Retry } from '@smartmail/jmap/retry.ts';
import { openShelf, type Shelf } from '@smartmail/jmap/local/shelf.ts';
import type { Session } from '@smartmail/jmap/types.ts';
import type * as Waiting from '@smartmail/jmap/local/waiting.ts';
import type { UnsavedLetter } from './draft-start.ts';

/** A choice for this device: another one may stand in an open room. */
const KEEPING = 'smartmail.keep';
const PAGE_LOCK = 'smartmail-page-';
/** Between two pieces that are fetched ahead: nobody waits for them. */
const PAUSE_MS = 400;
const FILL_AFTER_MS = 4000;
const CHANGED_AFTER_MS = 2000;

export interface DeviceEvents {
  /** A letter that had waited has gone, or cannot go. */
  gone(letter: Letter): void;
  refused(letter: Letter, error: unknown): void;
  /** The line is open: fetching ahead makes sense. */
  online(): boolean;
}

class Device {
  /** Letters that wait for the network. */
  waiting = $state.raw<Letter[]>([]);
  /** When they are tried next, in milliseconds of Unix time; null while they are on their way. */
  nextTry = $state<number | null>(null);
  /** The person lets mail lie on this device; policy has the first word. */
  keeping = $state(localStorage.getItem(KEEPING) !== 'no');
  local: LocalMail | null = null;
  letters: Letters | null = null;
  /** Letters in the making, kept here until the server has them. */
  unsaved: Unsaved<UnsavedLetter> | null = null;
  /** Those that a page has left behind, to be opened again. */
  left = $state.raw<UnsavedLetter[]>([]);
  #shelf: Shelf | null = null;
  #events: DeviceEvents | null = null;
  #following: Promise<void> = Promise.resolve();
  #filling = false;
  #retries: Retry[] = [];
  #unhear: () => void = () => undefined;
  readonly #back = (): void => this.tryNow();
  #soon: ReturnType<typeof setTimeout> | undefined;
  #moved: (() => void) | null = null;
  /** Rows moved before anybody listened. */
  #missed = false;
  readonly #page = crypto.randomUUID();

  /** Puts the device between the apps and the server, with what lies here from the last time. */
  async between(server: Backend): Promise<Backend> {
    this.#shelf = await openShelf();
    if (!this.#shelf) return server;
    this.local = new LocalMail(this.#shelf);
    await this.local.wake().catch(() => null);
    return new LocalBackend(server, this.local, () => this.keeping);
  }

  /** Tells when rows may stand in other lists, also when they did before anybody listened: the list may have come first. */
  onMoved(listener: () => void): void {
    this.#moved = listener;
    if (this.#missed) listener();
    this.#missed = false;
  }

  /** Begins to keep mail here, or takes all of it away. */
  async keep(on: boolean, session: Session): Promise<void> {
    this.keeping = on;
    localStorage.setItem(KEEPING, on ? 'yes' : 'no');
    await this.local?.follow(session, on);
  }

  follow(account: Account, events: DeviceEvents): Promise<void> {
    this.#events = events;
    this.#following = this.#follow(account);
    return this.#following;
  }

  async #follow(account: Account): Promise<void> {
    const { Journal, Letters, Unsaved } = await waiting();
    const letters = new Letters(account, this.local, this.#shelf, alone);
    this.letters = letters;
    letters.listen(() => {
      this.waiting = letters.waiting;
      this.nextTry = letters.retry.at;
    });
    letters.onRetry = () => void this.drain();
    this.#retries = [letters.retry, account.outbox.retry];
    this.#unhear();
    this.#unhear = onAnswer(() => {
      for (const retry of this.#retries) retry.heard();
    });
    removeEventListener('online', this.#back);
    addEventListener('online', this.#back);
    if (this.local && this.#shelf) {
      const journal = new Journal(this.local, this.#shelf, this.#page);
      account.outbox.notes = { add: (changes, destroy) => journal.add(changes, destroy) };
      if (navigator.locks) void navigator.locks.request(PAGE_LOCK + this.#page, () => new Promise(() => undefined));
      const alive = await this.#otherPages();
      await this.#takeOver(account, journal, alive);
      for (const page of alive) this.#inherit(page, account, journal).catch(() => undefined);
      await letters.wake();
      this.unsaved = new Unsaved(this.local, this.#shelf, this.#page);
      this.left = await this.unsaved.takeOver(alive);
    }
    void this.drain();
    setTimeout(() => void this.#fill(account), FILL_AFTER_MS);
  }

  async #takeOver(account: Account, journal: Journal, alive: ReadonlySet<string>): Promise<void> {
    for (const note of await journal.takeOver(alive)) {
      if (note.changes.length > 0) account.outbox.change(new Map(note.changes)).done.catch(() => undefined);
      if (note.destroy.length > 0) account.outbox.destroy(note.destroy).catch(() => undefined);
      await note.strike();
      if (this.#moved) this.#moved();
      else this.#missed = true;
    }
  }

  /** A page that is being closed holds its lock for a moment: what it left is done when that is free, not at the next start. */
  async #inherit(page: string, account: Account, journal: Journal): Promise<void> {
    await navigator.locks.request(PAGE_LOCK + page, async () => {
      const alive = await this.#otherPages();
      alive.delete(page);
      await this.#takeOver(account, journal, alive);
    });
  }

  /** Raises what the server refused; what cannot reach it waits, where letters may lie here. */
  async send(...letter: Parameters<Letters['send']>): Promise<Outcome> {
    if (!this.letters) await this.#following;
    if (!this.letters) throw new RequestFailure('offline');
    return this.letters.send(...letter);
  }

  /** The person will not wait for the next try. */
  tryNow(): void {
    for (const retry of this.#retries) retry.now();
    if (this.waiting.length > 0) void this.drain();
  }

  /** Sends what waits; called whenever the server can be reached again. */
  async drain(): Promise<void> {
    const events = this.#events;
    await this.letters?.drain(
      (letter) => events?.gone(letter),
      (letter, error) => events?.refused(letter, error),
    );
  }

  /** Mail came or changed. */
  changed(account: Account): void {
    if (!this.local || this.#soon !== undefined) return;
    this.#soon = setTimeout(() => {
      this.#soon = undefined;
      void waiting()
        .then(({ fillChanged }) => this.local && fillChanged(account, this.local, () => this.#pause()))
        .catch(() => undefined);
    }, CHANGED_AFTER_MS);
  }

  /** Fetches what changed or is missing, for a time without a network. */
  async #fill(account: Account): Promise<void> {
    if (!this.local || this.#filling) return;
    this.#filling = true;
    try {
      const { fill } = await waiting();
      await fill(account, this.local, () => this.#pause());
    } catch {
      // The line broke; there is another time.
    } finally {
      this.#filling = false;
      setTimeout(() => void this.#fill(account), 10 * 60_000);
    }
  }

  async #pause(): Promise<boolean> {
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    return this.#events?.online() ?? false;
  }

  /** Other pages of this browser that are open. */
  async #otherPages(): Promise<Set<string>> {
    if (!navigator.locks) return new Set();
    const { held = [] } = await navigator.locks.query();
    const names = held.map((lock) => lock.name ?? '').filter((name) => name.startsWith(PAGE_LOCK));
    return new Set(names.map((name) => name.slice(PAGE_LOCK.length)).filter((page) => page !== this.#page));
  }
}

/** What keeps letters and acts here; the first rows do not wait for it. */
const waiting = (): Promise<typeof Waiting> => import('@smartmail/jmap/local/waiting.ts');

/** Two pages never send at once. */
async function alone(work: () => Promise<void>): Promise<void> {
  if (navigator.locks) await navigator.locks.request('smartmail-letters', work);
  else await work();
}

export const device = new Device();
