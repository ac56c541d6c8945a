/** Mailboxes at other providers whose mail is brought in, kept fresh while one runs. */
import type { GetResult, SetResult } from '@smartmail/jmap/methods.ts';
import type { Id, UtcDate } from '@smartmail/jmap/types.ts';
import { connection } from '../app/connection.svelte.ts';

const LOOK_MS = 1500;

export interface Pull {
  id: Id;
  name: string;
  protocol: 'imap' | 'pop3';
  host: string;
  port: number;
  security: 'tls' | 'starttls' | 'plain';
  login: string;
  folder: string;
  mailboxId: Id | null;
  tagId: Id | null;
  deleteOriginal: boolean;
  since: UtcDate | null;
  isEnabled: boolean;
  state: 'waiting' | 'running' | 'paused' | 'stopped' | 'off';
  reason: string;
  /** What the other side said. */
  said: string;
  taken: number;
  pulledAt: UtcDate | null;
  nextAt: UtcDate | null;
}

export interface PullPolicy {
  mayPull: boolean;
  maxPulls: number;
  pullMinutes: number;
  mayDeleteOriginals: boolean;
  mayPullPlain: boolean;
}

export interface PullLook {
  reason: string;
  said: string;
  folders: string[];
  messages: number;
  tls: string;
}

export type PullWish = Partial<
  Omit<Pull, 'id' | 'state' | 'reason' | 'said' | 'taken' | 'pulledAt' | 'nextAt'> & { password: string }
>;

/** The server left one as it is. `properties` name what it does not like. */
export class PullRefused extends Error {
  constructor(
    readonly type: string,
    readonly properties: readonly string[],
  ) {
    super(type);
  }
}

export class PullBook {
  list = $state.raw<Pull[] | null>(null);
  policy = $state.raw<PullPolicy | null>(null);

  async load(): Promise<void> {
    const pipeline = connection.account?.pipeline;
    if (!pipeline) return;
    const [found, policy] = await Promise.all(
      pipeline.group(
        () =>
          [
            pipeline.send<GetResult<Pull>>('MailPull/get', { ids: null }).result,
            pipeline.send<PullPolicy>('MailPull/policy', {}).result,
          ] as const,
      ),
    );
    this.list = found.list;
    this.policy = policy;
  }

  /** Call in an effect: looks again soon while mail comes, or is about to. */
  watch(): (() => void) | undefined {
    const soon = Date.now() + 5000;
    const moves = ({ state, nextAt }: Pull): boolean =>
      state === 'running' || (state === 'waiting' && nextAt !== null && Date.parse(nextAt) < soon);
    if (!this.list?.some(moves)) return undefined;
    const timer = setTimeout(() => void this.load().catch((error: unknown) => connection.failed(error)), LOOK_MS);
    return () => clearTimeout(timer);
  }

  async look(wish: PullWish, id: Id | null): Promise<PullLook> {
    return this.#send<PullLook>('MailPull/look', { wish, id });
  }

  async run(id: Id): Promise<void> {
    await this.#send('MailPull/run', { id });
    await this.load();
  }

  async add(wish: PullWish): Promise<void> {
    await this.#set({ create: { made: wish } });
  }

  async change(id: Id, wish: PullWish): Promise<void> {
    await this.#set({ update: { [id]: wish } });
  }

  async remove(id: Id): Promise<void> {
    await this.#set({ destroy: [id] });
  }

  async #set(change: object): Promise<void> {
    const answer = await this.#send<SetResult>('MailPull/set', change);
    const [refused] = Object.values({ ...answer.notCreated, ...answer.notUpdated, ...answer.notDestroyed });
    if (refused) throw new PullRefused(refused.type, refused.properties ?? []);
    await this.load();
  }

  async #send<T>(name: string, args: object): Promise<T> {
    const pipeline = connection.account?.pipeline;
    if (!pipeline) throw new Error('offline');
    return pipeline.send<T>(name, { ...args }).result;
  }
}
