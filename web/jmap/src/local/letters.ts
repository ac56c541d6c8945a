/**
 * Letters on their way out. Each is kept on the device from the click on until the server has taken it over, and carries
 * a Message-ID of ours: before a second try the server is asked whether the first one came through, so that a broken
 * answer never makes two letters of one.
 */
import type { Account, SendWish, Submitted } from '../account.ts';
import { isPassing } from '../errors.ts';
import type { GetResult } from '../methods.ts';
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

  /** Raises what the server refused. Without a network it waits, if it may be kept here; else that is raised too. */
  async send(
    letter: Omit<Letter, 'tries' | 'email'> & { email: object },
    taken: (sent: Submitted) => void = () => undefined,
  ): Promise<Outcome> {
    const whole: Letter = { ...letter, email: named(letter.email), tries: 0 };
    const key = `${PREFIX}${Date.now().toString().padStart(15, '0')}-${whole.email.messageId[0] ?? ''}`;
    let outcome: Outcome = 'sent';
    await this.exclusive(async () => {
      await this.#keep(key, { ...whole, tries: 1 });
      try {
        const { email, identityId, drafts, sent, replaces, wish } = whole;
        taken(await this.account.send(email, identityId, drafts, sent, replaces, wish));
      } catch (error) {
        if (!isPassing(error) || !this.local?.open) {
          await this.#strike(key);
          throw error;
        }
        this.#waiting.set(key, { ...whole, tries: 1 });
        outcome = 'waits';
        this.#tell();
        return;
      }
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

  /** The server can be reached again. `done` hears of each that went, `refused` of each that cannot go. */
  async drain(done: (letter: Letter) => void, refused: (letter: Letter, error: unknown) => void): Promise<void> {
    await this.wake();
    for (const [key, letter] of this.#waiting) {
      try {
        await this.exclusive(async () => {
          // Another page may have been faster.
          if ((await this.shelf?.get('queue', key)) !== undefined) await this.#again(letter);
        });
        done(letter);
      } catch (error) {
        if (isPassing(error)) return;
        // Nothing that was written is lost: it stays among the drafts.
        await this.account.saveDraft(letter.email, letter.replaces).catch(() => undefined);
        refused(letter, error);
      }
      await this.#strike(key);
    }
  }

  /** Takes a letter back that waits; null when it has gone meanwhile. */
  async takeBack(messageId: string): Promise<Letter | null> {
    const found = [...this.#waiting].find(([, letter]) => letter.email.messageId[0] === messageId);
    if (!found) return null;
    await this.#strike(found[0]);
    return found[1];
  }

  async #again(letter: Letter): Promise<void> {
    const { email, identityId, drafts, sent, replaces, wish } = letter;
    const messageId = email.messageId[0] ?? '';
    if ((await this.#find(messageId, wish?.file ?? sent)) !== null) {
      if (replaces !== null) await this.account.outbox.destroy([replaces]).catch(() => undefined);
      return;
    }
    const made = await this.#find(messageId, drafts);
    if (made !== null && made !== replaces) await this.account.submit(made, identityId, drafts, sent, replaces, wish);
    else await this.account.send(email, identityId, drafts, sent, replaces, wish);
  }

  async #find(messageId: string, mailbox: Id): Promise<Id | null> {
    const { pipeline } = this.account;
    const get = pipeline.group(() => {
      const query = pipeline.call('Email/query', {
        filter: { inMailbox: mailbox },
        sort: [{ property: 'receivedAt', isAscending: false }],
        limit: LOOKED_THROUGH,
      });
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
