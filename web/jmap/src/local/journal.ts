/**
 * Acts that the server has not confirmed, kept on the device: a page that is closed without a network loses none of them.
 * Doing one again is harmless, because changes set values.
 */
import type { EmailChange } from '../change.ts';
import type { Id } from '../types.ts';
import type { LocalMail } from './mail.ts';
import type { Shelf } from './shelf.ts';

export interface Note {
  changes: [Id, EmailChange][];
  destroy: Id[];
  /** The page that does it as long as it lives. */
  page: string;
}

const PREFIX = 'act-';
let last = 0;

export class Journal {
  readonly #notes = new Map<string, Note>();

  constructor(
    private readonly local: LocalMail,
    private readonly shelf: Shelf,
    private readonly page: string,
  ) {
    local.pending = () => [...this.#notes.values()].flatMap((note) => note.changes);
  }

  /** Returns the function that strikes it out. */
  add(changes: ReadonlyMap<Id, EmailChange>, destroy: readonly Id[]): () => void {
    const key = `${PREFIX}${Date.now().toString().padStart(15, '0')}-${String((last += 1)).padStart(6, '0')}-${this.page}`;
    const note = { changes: [...changes], destroy: [...destroy], page: this.page };
    this.#notes.set(key, note);
    void this.local.safe?.put('queue', [[key, note]]).catch(() => undefined);
    return () => {
      this.#notes.delete(key);
      void this.shelf.remove('queue', [key]).catch(() => undefined);
    };
  }

  /**
   * What pages that are gone have left, oldest first. Whoever does one of them again notes it anew and then strikes the
   * old note out, so that no moment is without one. `alive`: pages that still do theirs.
   */
  async takeOver(alive: ReadonlySet<string>): Promise<(Note & { strike: () => Promise<void> })[]> {
    const all = (await this.local.safe?.all<Note>('queue')) ?? new Map<string, Note>();
    const left = [...all].filter(
      ([key, note]) => key.startsWith(PREFIX) && !this.#notes.has(key) && !alive.has(note.page),
    );
    return left
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, note]) => ({ ...note, strike: () => this.shelf.remove('queue', [key]) }));
  }
}
