/** Short notices at the foot of the screen, most of them with a way back. */

import type { MessageKey } from '@smartmail/i18n/translate.ts';

/** Something else that can be done about what a notice tells. */
export interface Offer {
  label: string;
  run: () => void;
}

export interface Notice {
  id: number;
  text: string;
  tone: 'plain' | 'bad';
  undo: (() => void) | undefined;
  /** What leading back is called, where it has a word of its own. */
  back: MessageKey;
  offers: readonly Offer[];
  /** It is still being done: what leads back ends it too. */
  working: boolean;
}

const STAYS_MS = 5000;
/** What can still be taken back, or answered otherwise, is offered for longer. */
const STAYS_OFFERING_MS = 8000;
/** Acts that the undo key leads back through, one after the other. */
const MOST_ACTS = 20;

class Notices {
  list = $state.raw<Notice[]>([]);
  /** For screen readers: new mail, what an act did. */
  spoken = $state('');
  /** What can still be taken back, oldest first; longer than its notice stands. */
  #acts = $state.raw<{ id: number; undo: () => void }[]>([]);
  #timers = new Map<number, ReturnType<typeof setTimeout>>();
  #last = 0;

  show(text: string, options: Partial<Omit<Notice, 'id' | 'text'>> & { stays?: boolean } = {}): number {
    const id = (this.#last += 1);
    const plain = { tone: 'plain', undo: undefined, back: 'action.undo', offers: [], working: false } as const;
    const notice: Notice = { id, text, ...plain, ...options };
    // One line at a time: the newest act is the one that a person wants to take back.
    for (const old of this.list) if (old.tone === 'plain') this.close(old.id);
    this.list = [...this.list.slice(-2), notice];
    if (options.undo) this.#acts = [...this.#acts.slice(1 - MOST_ACTS), { id, undo: options.undo }];
    this.spoken = text;
    if (!options.stays) this.#leaves(id);
    return id;
  }

  #leaves(id: number): void {
    clearTimeout(this.#timers.get(id));
    const notice = this.list.find((each) => each.id === id);
    const stays = notice && offers(notice) ? STAYS_OFFERING_MS : STAYS_MS;
    this.#timers.set(
      id,
      setTimeout(() => this.close(id), stays),
    );
  }

  /** The screen became another: what was told of the one before has been read, or is of no use any more. */
  moveOn(): void {
    for (const notice of this.list) if (!offers(notice) && this.#timers.has(notice.id)) this.close(notice.id);
  }

  change(id: number, text: string): void {
    this.list = this.list.map((notice) => (notice.id === id ? { ...notice, text } : notice));
  }

  /** What a standing notice told of has come to its end: its words change, and it leaves as others do. */
  settle(id: number, text: string | undefined): void {
    if (text === undefined || !this.list.some((notice) => notice.id === id)) return this.close(id);
    this.list = this.list.map((notice) => (notice.id === id ? { ...notice, text, working: false } : notice));
    this.spoken = text;
    this.#leaves(id);
  }

  close(id: number): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    this.list = this.list.filter((notice) => notice.id !== id);
  }

  /** The way back is closed. The notice, if it still stands, offers what can be done now, and leaves as others do. */
  follow(id: number, offers: readonly Offer[]): void {
    this.#acts = this.#acts.filter((act) => act.id !== id);
    if (!this.list.some((notice) => notice.id === id)) return;
    this.list = this.list.map((notice) => (notice.id === id ? { ...notice, undo: undefined, offers } : notice));
    this.#leaves(id);
  }

  get canUndo(): boolean {
    return this.#acts.length > 0;
  }

  /** Takes the last act back that has not been taken back yet. */
  undoLast(): boolean {
    const act = this.#acts.at(-1);
    if (act) this.undo(act.id);
    return act !== undefined;
  }

  /** The act did not come about: there is nothing to take back. */
  forget(id: number): void {
    this.close(id);
    this.#acts = this.#acts.filter((act) => act.id !== id);
  }

  /** Takes one act back, by its notice's button. */
  undo(id: number): void {
    const act = this.#acts.find((each) => each.id === id);
    this.close(id);
    if (!act) return;
    this.#acts = this.#acts.filter((each) => each !== act);
    act.undo();
  }
}

const offers = ({ undo, offers }: Notice): boolean => undo !== undefined || offers.length > 0;

export const notices = new Notices();
