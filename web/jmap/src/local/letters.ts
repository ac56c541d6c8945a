/**
 * Letters on their way out. Each is kept on the device from the click on until the server has taken it over, and carries
 * a Message-ID of ours: before a second try the server is asked whether the first one came through, so that a broken
 * answer never makes two letters of one. What failed in passing is tried again after growing pauses (retry.ts).
 */
import type { Account } from '../account.ts';
import { isEnd, isPassing } from '../errors.ts';
import type { GetResult } from '../methods.ts';
import { Retry } from '../retry.ts';
import type { SendWish, Submitted } from '../submitting.ts';
import type { Id } from '../types.ts';
import type { LocalMail } from './mail.ts';
import type { Shelf } from './shelf.ts';

export interface Letter {
  email: object & { messageId: string[]; subject?: string };
  identityId: Id;
  drafts: Id;
  sent: Id;
  /** The stored draft that this was. */
  replaces: Id | null;
  /** It shall be held for a while, or until its hour. */
  wish?: SendWish;
  /** Times that it was handed to the server without an answer. */
  tries: number;
}

export type Outcome = 'sent' | 'waits';

const PREFIX = 'letter-';
/** How many of the newest messages are looked through for a letter that may have gone already. */
const LOOKED_THROUGH = 200;

export class Letters {
  #waiting = new Map<string, Letter>();
  #listeners = new Set<() => void>();
  /** Message-IDs of letters that may have gone although nobody was told so. */
  #doubtful = new Set<string>();
  #draining: Promise<void> | null = null;
  /** Sends what waits; who follows the letters gives what hears of it. */
  onRetry: () => void = () =>
    void this.drain(
      () => undefined,
      () => undefined,
    );
  readonly retry = new Retry(
    () => this.onRetry(),
    () => this.#tell(),
  );

  constructor(
    private readonly account: Account,
    private readonly local: LocalMail | null,
    private readonly shelf: Shelf | null,
    /** Runs one piece of work at a time among all pages of this browser. */
    private readonly exclusive: (work: () => Promise<void>) => Promise<void> = (work) => work(),
  ) {}

  get waiting(): Letter[] {
    return [...this.#waiting.values()];
  }

  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Raises what the server refused. Without a network it waits, if it may be kept here; else that is raised too, and the
   * same letter (by its Message-ID) handed in again is not sent twice. `stored` hears which draft the server has of it.
   */
  async send(
    letter: Omit<Letter, 'tries' | 'email'> & { email: object },
    taken: (sent: Submitted) => void = () => undefined,
    stored: (draft: Id | null) => void = () => undefined,
  ): Promise<Outcome> {
    const whole: Letter = { ...letter, email: named(letter.email), tries: 0 };
    const messageId = whole.email.messageId[0] ?? '';
    const key = `${PREFIX}${Date.now().toString().padStart(15, '0')}-${messageId}`;
    let outcome: Outcome = 'sent';
    await this.exclusive(async () => {
      await this.#keep(key, { ...whole, tries: 1 });
      try {
        const made = await (this.#doubtful.has(messageId) ? this.#again(whole, stored) : this.#first(whole, stored));
        if (made) taken(made);
      } catch (error) {
        if (isPassing(error)) this.#doubtful.add(messageId);
        if (!isPassing(error) || !this.local?.open) {
          await this.#strike(key);
          throw error;
        }
        this.#waiting.set(key, { ...whole, tries: 1 });
        outcome = 'waits';
        this.retry.failed();
        return;
      }
      this.#doubtful.delete(messageId);
      await this.#strike(key);
    });
    return outcome;
  }

  /** Letters that earlier pages have left. */
  async wake(): Promise<void> {
    const all = (await this.local?.safe?.all<Letter>('queue')) ?? new Map<string, Letter>();
    for (const [key, letter] of [...all].sort()) if (key.startsWith(PREFIX)) this.#waiting.set(key, letter);
    if (this.#waiting.size > 0) this.#tell();
  }

  /**
   * The server can be reached again, or it is time to try. `done` hears of each that went, `refused` of each that cannot
   * go. One at a time: a second call waits for the first.
   */
  drain(done: (letter: Letter) => void, refused: (letter: Letter, error: unknown) => void): Promise<void> {
    this.#draining ??= this.#drain(done, refused).finally(() => (this.#draining = null));
    return this.#draining;
  }

  async #drain(done: (letter: Letter) => void, refused: (letter: Letter, error: unknown) => void): Promise<void> {
    await this.wake();
    for (const [key, letter] of this.#waiting) {
      let draft: Id | null | undefined;
      try {
        await this.exclusive(async () => {
          // Another page may have been faster.
          if ((await this.shelf?.get('queue', key)) !== undefined)
            await this.#again(letter, (stored) => (draft = stored));
        });
        done(letter);
      } catch (error) {
        if (isPassing(error) || isEnd(error) || !(await this.#isDraft(letter, draft))) return this.retry.failed();
        refused(letter, error);
      }
      await this.#strike(key);
    }
    this.retry.done();
  }

  /** Nothing that was written is lost: what cannot go stays among the drafts; false while it is not there. */
  async #isDraft(letter: Letter, draft: Id | null | undefined): Promise<boolean> {
    if (draft) return true;
    const replaces = draft === null ? null : letter.replaces;
    return this.account.saveDraft(letter.email, replaces).then(
      () => true,
      () => false,
    );
  }

  /** Takes a letter back that waits; null when it has gone meanwhile. */
  async takeBack(messageId: string): Promise<Letter | null> {
    const found = [...this.#waiting].find(([, letter]) => letter.email.messageId[0] === messageId);
    if (!found) return null;
    const [key, letter] = found;
    // Where the server can be asked, what it has sent already is not written a second time.
    const gone = await this.#find(messageId, letter.wish?.file ?? letter.sent).catch(() => null);
    if (!this.#waiting.has(key)) return null;
    await this.#strike(key);
    return gone === null ? letter : null;
  }

  #first(letter: Letter, stored: (draft: Id | null) => void): Promise<Submitted> {
    const { email, identityId, drafts, sent, replaces, wish } = letter;
    return this.account.send(email, identityId, drafts, sent, replaces, wish, stored);
  }

  /** Null: it had gone already. */
  async #again(letter: Letter, stored: (draft: Id | null) => void): Promise<Submitted | null> {
    const { email, drafts, sent, replaces, wish } = letter;
    const messageId = email.messageId[0] ?? '';
    if ((await this.#find(messageId, wish?.file ?? sent)) !== null) {
      if (replaces !== null) this.account.outbox.destroy([replaces]).catch(() => undefined);
      return null;
    }
    // What an earlier try has left among the drafts goes with this one, and nobody can send it any more.
    const made = await this.#find(messageId, drafts);
    return this.#first({ ...letter, replaces: made ?? replaces }, stored);
  }

  async #find(messageId: string, mailbox: Id): Promise<Id | null> {
    const { pipeline } = this.account;
    const get = pipeline.group(() => {
      // The device answers this from nothing: what it keeps may be older than the letter.
      pipeline.send('Core/echo', {}).result.catch(() => undefined);
      const query = pipeline.call('Email/query', {
        filter: { inMailbox: mailbox },
        sort: [{ property: 'receivedAt', isAscending: false }],
        limit: LOOKED_THROUGH,
      });
      query.result.catch(() => undefined);
      return pipeline.send<GetResult<{ id: Id; messageId: string[] | null }>>('Email/get', {
        '#ids': query.ref('/ids'),
        properties: ['id', 'messageId'],
      });
    });
    const { list } = await get.result;
    return list.find((email) => email.messageId?.includes(messageId))?.id ?? null;
  }

  async #keep(key: string, letter: Letter): Promise<void> {
    await this.local?.safe?.put('queue', [[key, letter]]).catch(() => undefined);
  }

  async #strike(key: string): Promise<void> {
    this.#waiting.delete(key);
    if (this.#waiting.size === 0) this.retry.done();
    await this.shelf?.remove('queue', [key]).catch(() => undefined);
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

function named(email: object): Letter['email'] {
  const given = (email as Partial<Letter['email']>).messageId;
  if (given) return email as Letter['email'];
  const from = (email as { from?: { email: string }[] }).from?.[0]?.email ?? '';
  const domain = from.split('@')[1] ?? 'localhost';
  return { ...email, messageId: [`${crypto.randomUUID()}@${domain}`] };
}
