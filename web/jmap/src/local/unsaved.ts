/**
 * Letters in the making that the server has not stored yet. Each change is kept on the device within a moment, so that a
 * page that dies loses no more than the last word; what pages that are gone have left is opened by the next one.
 */
import type { LocalMail } from './mail.ts';
import type { Shelf } from './shelf.ts';

const PREFIX = 'draft-';

interface Kept<T> {
  page: string;
  at: number;
  letter: T;
}

export class Unsaved<T> {
  constructor(
    private readonly local: LocalMail,
    private readonly shelf: Shelf,
    private readonly page: string,
  ) {}

  async keep(key: string, letter: T): Promise<void> {
    const kept: Kept<T> = { page: this.page, at: Date.now(), letter };
    await this.local.safe?.put('queue', [[PREFIX + this.page + key, kept]]).catch(() => undefined);
  }

  async strike(key: string): Promise<void> {
    await this.shelf.remove('queue', [PREFIX + this.page + key]).catch(() => undefined);
  }

  /** What pages that are gone have left, oldest first. */
  async takeOver(alive: ReadonlySet<string>): Promise<T[]> {
    const all = (await this.local.safe?.all<Kept<T>>('queue')) ?? new Map<string, Kept<T>>();
    const left = [...all].filter(([key, kept]) => key.startsWith(PREFIX) && !alive.has(kept.page));
    await this.shelf.remove(
      'queue',
      left.map(([key]) => key),
    );
    return left.sort(([, one], [, other]) => one.at - other.at).map(([, kept]) => kept.letter);
  }
}
