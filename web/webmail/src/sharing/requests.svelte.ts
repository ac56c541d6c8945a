/** Who asks to use a shared mailbox: what may be asked for, what one asked, what waits for one's own answer. */
import type { GetResult, SetResult } from '@smartmail/jmap/methods.ts';
import type { ShareRole } from '@smartmail/jmap/mailbox-acts.ts';
import type { Id, UtcDate } from '@smartmail/jmap/types.ts';
import { connection } from '../app/connection.svelte.ts';

export interface ShareOffer {
  id: Id;
  name: string;
  address: string;
  /** What is held on all of it now; '' for nothing. */
  role: ShareRole | 'custom' | '';
}

export interface ShareRequest {
  id: Id;
  sharedAccountId: Id;
  accountName: string;
  accountAddress: string;
  personName: string;
  personAddress: string;
  department: string;
  role: ShareRole;
  reason: string;
  state: 'waiting' | 'accepted' | 'declined';
  askedAt: UtcDate;
  decidedAt: UtcDate | null;
  decidedBy: string;
  isMine: boolean;
  mayDecide: boolean;
}

export interface Answer {
  state: 'accepted' | 'declined';
  role?: ShareRole;
  sending?: '' | 'sendAs';
}

export const ROLES: readonly ShareRole[] = ['view', 'file', 'delete', 'manage'];

/** The server left it as it is; `type` says why. */
export class RequestRefused extends Error {
  constructor(readonly type: string) {
    super(type);
  }
}

export class RequestBook {
  offers = $state.raw<ShareOffer[] | null>(null);
  requests = $state.raw<ShareRequest[]>([]);
  /** Counts questions: an answer to one before the newest is out of date. */
  #turn = 0;

  /** Call in an effect: looks again whenever a request, or what is shared with the person, is another. */
  follow(): (() => void) | undefined {
    const { account } = connection;
    if (!account) return undefined;
    const look = (): void => void this.load().catch((error: unknown) => connection.failed(error));
    const ends = ['ShareNotification', 'Session'].map((name) => account.onChange(name, look));
    return () => ends.forEach((end) => end());
  }

  async load(): Promise<void> {
    const pipeline = connection.account?.pipeline;
    if (!pipeline) return;
    const turn = (this.#turn += 1);
    const [offers, requests] = await Promise.all(
      pipeline.group(
        () =>
          [
            pipeline.send<GetResult<ShareOffer>>('ShareOffer/get', { ids: null }).result,
            pipeline.send<GetResult<ShareRequest>>('ShareRequest/get', { ids: null }).result,
          ] as const,
      ),
    );
    if (turn !== this.#turn) return;
    this.offers = offers.list;
    this.requests = requests.list;
  }

  async ask(sharedAccountId: Id, role: ShareRole, reason: string): Promise<void> {
    await this.#set({ create: { asked: { sharedAccountId, role, reason } } });
  }

  async answer(id: Id, answer: Answer): Promise<void> {
    await this.#set({ update: { [id]: answer } });
  }

  async withdraw(id: Id): Promise<void> {
    await this.#set({ destroy: [id] });
  }

  async #set(change: object): Promise<void> {
    const pipeline = connection.account?.pipeline;
    if (!pipeline) throw new RequestRefused('offline');
    const answer = await pipeline.send<SetResult>('ShareRequest/set', { ...change }).result;
    await this.load();
    const [refused] = Object.values({ ...answer.notCreated, ...answer.notUpdated, ...answer.notDestroyed });
    if (refused) throw new RequestRefused(refused.type);
  }
}
