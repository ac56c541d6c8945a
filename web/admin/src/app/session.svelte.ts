/** Who is signed in, and what they may do. */
import { ApiError, call, get, onSignedOut } from '../api/client.ts';
import type { CurrentSession } from '../api/types.ts';

type Phase = 'starting' | 'signed-out' | 'owing' | 'ready' | 'failed';

class Session {
  phase = $state<Phase>('starting');
  /** It was open and has ended: said on the page that asks to sign in again. */
  ended = $state(false);
  #me = $state.raw<CurrentSession | null>(null);

  constructor() {
    onSignedOut(() => {
      this.ended = this.phase === 'ready';
      this.phase = 'signed-out';
    });
  }

  get me(): CurrentSession {
    if (!this.#me) throw new Error('nobody is signed in');
    return this.#me;
  }

  /** What the sign-in still owes: a factor, its enrolment, a new password, a consent. */
  get owes(): readonly string[] {
    return this.#me?.owes ?? [];
  }

  /** Whether something is held over the whole installation. */
  get overall(): boolean {
    return this.#me?.holdings.some((one) => one.scope === 'system') ?? false;
  }

  /** Whether it was oneself who did something: the API names actors `account:1`. */
  did(actor: string): boolean {
    return this.#me !== null && (actor === `account:${this.#me.accountId}` || actor === this.#me.address);
  }

  /** Whether a permission is held anywhere: what is not held anywhere is not offered. */
  may(permission: string): boolean {
    return this.#me?.holdings.some((one) => one.permissions.includes(permission)) ?? false;
  }

  async start(): Promise<void> {
    try {
      this.#me = await get<CurrentSession>('/session');
      this.phase = this.#me.owes.length > 0 ? 'owing' : 'ready';
    } catch (error) {
      this.phase = error instanceof ApiError && error.status === 401 ? 'signed-out' : 'failed';
    }
  }

  async signIn(address: string, password: string): Promise<void> {
    await call('POST', '/session', { body: { address, password } });
    this.ended = false;
    await this.start();
  }

  async signOut(): Promise<void> {
    await call('DELETE', '/session');
    this.phase = 'signed-out';
    this.#me = null;
  }
}

export const session = new Session();
