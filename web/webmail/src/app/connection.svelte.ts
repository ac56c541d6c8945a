/** Who is signed in, and whether the server can be reached. */
import { Account } from '@smartmail/jmap/account.ts';
import type { Backend } from '@smartmail/jmap/backend.ts';
import { RequestFailure } from '@smartmail/jmap/errors.ts';
import type { Identity, Quota } from '@smartmail/jmap/types.ts';

export type Phase = 'starting' | 'signed-out' | 'ready' | 'failed';

class Connection {
  phase = $state<Phase>('starting');
  failure = $state.raw<unknown>(null);
  online = $state(true);
  /** The session ended under the person's hands. */
  ended = $state(false);
  account = $state.raw<Account | null>(null);
  identities = $state.raw<Identity[]>([]);
  quota = $state.raw<Quota | null>(null);
  #backend: Backend | null = null;

  get backend(): Backend {
    if (!this.#backend) throw new Error('not started');
    return this.#backend;
  }

  async start(backend: Backend): Promise<void> {
    this.#backend = backend;
    this.phase = 'starting';
    try {
      const session = await backend.session();
      // Another person at the same page: nothing that this page remembers may be shown to them.
      if (this.account && this.account.session.username !== session.username) return this.#forget();
      const account = new Account(backend, session);
      await account.loadMailboxes();
      this.account = account;
      this.phase = 'ready';
      // The rows are asked for first.
      setTimeout(() => void this.#loadRest(account));
    } catch (error) {
      this.failed(error);
      if (this.phase === 'starting') {
        this.failure = error;
        this.phase = 'failed';
      }
    }
  }

  async signIn(address: string, password: string): Promise<void> {
    await this.backend.signIn(address, password);
    this.ended = false;
    await this.start(this.backend);
  }

  async signOut(): Promise<void> {
    await this.backend.signOut();
    this.#forget();
  }

  /** Any failure comes through here: the end of a session changes the screen. */
  failed(error: unknown): void {
    if (!(error instanceof RequestFailure) || error.kind !== 'signed-out') return;
    this.ended = this.phase === 'ready';
    this.phase = 'signed-out';
  }

  /** Asks whether the session still stands. */
  async check(): Promise<void> {
    try {
      await this.backend.session();
    } catch (error) {
      this.failed(error);
    }
  }

  /** Nothing of the account may stay in the memory of this page. */
  #forget(): void {
    location.hash = '';
    location.reload();
  }

  /** Not needed for the first rows. */
  async #loadRest(account: Account): Promise<void> {
    try {
      [this.identities, this.quota] = await Promise.all([account.identities(), account.quota()]);
    } catch (error) {
      this.failed(error);
    }
  }
}

export const connection = new Connection();
