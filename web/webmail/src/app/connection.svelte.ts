/** Who is signed in, and whether the server can be reached. */
import { Account, type AccountEvents } from '@smartmail/jmap/account.ts';
import type { Backend } from '@smartmail/jmap/backend.ts';
import { RequestFailure } from '@smartmail/jmap/errors.ts';
import { type SharedAccount, sharedAccounts } from '@smartmail/jmap/others.ts';
import type { Id, Identity, Quota, Session } from '@smartmail/jmap/types.ts';
import { forgetMemo } from './worker-memo.ts';
import { device } from './device.svelte.ts';
import { t } from './language.svelte.ts';
import { notices } from './notices.svelte.ts';
import { mailboxInAddress } from './first-rows.ts';
import { inIdle } from './in-idle.ts';
import { goToProof } from './required-steps.ts';
import { settings } from './settings.svelte.ts';

export type Phase = 'starting' | 'signed-out' | 'ready' | 'failed';

class Connection {
  phase = $state<Phase>('starting');
  failure = $state.raw<unknown>(null);
  online = $state(true);
  /** The session ended under the person's hands. */
  ended = $state(false);
  account = $state.raw<Account | null>(null);
  /** Accounts of others of which the person sees something. */
  shared = $state.raw<readonly SharedAccount[]>([]);
  /** Whose mail is on the screen when it is not the person's own. */
  showing = $state<Id | null>(null);
  #others = new Map<Id, Account>();
  identities = $state.raw<Identity[]>([]);
  quota = $state.raw<Quota | null>(null);
  /** Nothing may be sent from the person's own account: it looks stolen, or an administrator stopped it. */
  sendingStopped = $state(false);
  #backend: Backend | null = null;
  /** A new session takes the place of this one: the end of the old one is no news. Counts begun and done. */
  #renewals = 0;
  #renewing = 0;

  /** The account whose mail is on the screen. */
  get mail(): Account | null {
    return this.showing === null ? this.account : this.other(this.showing);
  }

  /** An account of somebody else; null when nothing of it is shared. */
  other(id: Id): Account | null {
    const { account } = this;
    if (!account || !this.shared.some((one) => one.id === id)) return null;
    const known = this.#others.get(id);
    if (known) return known;
    const made = new Account(this.backend, account.session, null, id).followed(this.#events);
    this.#others.set(id, made);
    made.loadMailboxes().catch((error: unknown) => this.failed(error));
    return made;
  }

  /** Something happened in an account of somebody else; those that nobody has looked at yet have nothing to catch up with. */
  heardOf(id: Id, states: Record<string, string>): void {
    this.#others.get(id)?.take(states, this.#events);
  }

  /** The line is open again. */
  lookAgain(): void {
    for (const one of this.#others.values()) one.lookAgain(this.#events);
  }

  /** Rights were given or taken away. */
  async learn(): Promise<void> {
    try {
      this.#learn(await this.backend.session());
      this.identities = (await this.account?.identities()) ?? this.identities;
    } catch (error) {
      this.failed(error);
    }
  }

  #learn(session: Session): void {
    this.account?.renew(session);
    this.sendingStopped = this.account?.capability<boolean>('sendingStopped') === true;
    settings.takeHouse(this.account?.capability('language'), this.account?.capability('list'));
    for (const one of this.#others.values()) one.renew(session);
    this.shared = sharedAccounts(session);
  }

  /** Set by the screen: what it does when mail of others has changed. */
  changed: () => void = () => undefined;
  readonly #events: AccountEvents = {
    changed: () => this.changed(),
    connected: () => undefined,
    failed: (error) => this.failed(error),
  };

  get backend(): Backend {
    if (!this.#backend) throw new Error('not started');
    return this.#backend;
  }

  async start(backend: Backend): Promise<void> {
    this.#backend = backend;
    this.phase = 'starting';
    const warm = this.#wake(backend);
    try {
      const session = await backend.session();
      // Another person at the same page: nothing that this page remembers may be shown to them.
      if (this.account && this.account.session.username !== session.username) return this.#forget();
      if (warm) warm.renew(session);
      const account = warm ?? new Account(backend, session, device.local);
      if (!warm) this.#askFirst(account);
      await account.loadMailboxes();
      this.account = account;
      this.#learn(session);
      this.phase = 'ready';
    } catch (error) {
      this.failed(error);
      if (this.phase === 'starting') {
        this.failure = error;
        this.phase = 'failed';
      }
    }
  }

  /** In the request that brings the mailboxes: choices, tags, and the rows that the address leads to. */
  #askFirst(account: Account): void {
    void settings.follow(account);
    const tags = account.records('Tag', { changes: false });
    tags.load().catch((error: unknown) => this.failed(error));
    const inMailbox = mailboxInAddress(location.hash, account.capability('inboxId'));
    if (inMailbox !== null) account.ahead({ inMailbox }, settings.conversation);
  }

  /** Begins with what lies on the device, before the server has said a word; it may yet say that the session is over. */
  #wake(backend: Backend): Account | null {
    const start = this.account === null ? device.local?.start : null;
    if (!start) return null;
    const account = new Account(backend, start.session, device.local);
    void settings.follow(account);
    this.online = navigator.onLine;
    this.account = account;
    this.#learn(start.session);
    this.phase = 'ready';
    return account;
  }

  async signIn(address: string, password: string): Promise<void> {
    const waiting = await this.backend.signIn(address, password);
    if (waiting) return goToProof(waiting);
    this.ended = false;
    await this.start(this.backend);
  }

  async signOut(): Promise<void> {
    // Without a network too, nothing stays on this device.
    const pushing = await import('./push.svelte.ts').catch(() => null);
    await (pushing?.push.forget(this.account) ?? forgetMemo().catch(() => undefined));
    await this.backend.signOut().catch((error: unknown) => this.failed(error));
    this.#forget();
  }

  /** Any failure comes through here: the end of a session changes the screen. */
  failed(error: unknown): void {
    if (!(error instanceof RequestFailure)) return;
    // Signed in, but something is owed first: a second factor, a new password, a consent.
    if (error.problem.title === 'proof_needed' && !error.problem.wants?.includes('step-up')) return goToProof();
    if (error.kind !== 'signed-out' || this.#renewing > 0) return;
    this.ended = this.phase === 'ready';
    this.phase = 'signed-out';
    // What is typed next may be somebody else's name.
    if (device.local) this.account = null;
  }

  /** Asks whether the session still stands. */
  async check(): Promise<void> {
    const before = this.#renewals;
    try {
      await this.backend.session();
    } catch (error) {
      if (before === this.#renewals && this.#renewing === 0) this.failed(error);
    }
  }

  /** Work that ends the session and begins another in its place: another password. */
  async renew(work: () => Promise<void>): Promise<void> {
    this.#renewals += 1;
    this.#renewing += 1;
    try {
      await work();
    } finally {
      this.#renewing -= 1;
      this.#renewals += 1;
    }
    await this.check();
  }

  /** Nothing of the account may stay in the memory of this page. */
  #forget(): void {
    location.hash = '';
    location.reload();
  }

  /** What the first rows do not need: called once they are there. */
  async loadRest(): Promise<void> {
    const { account } = this;
    if (!account) return;
    try {
      void device.follow(account, {
        gone: () => notices.show(t('notice.sent')),
        refused: (_letter, error) => {
          this.failed(error);
          notices.show(t('error.sendLater'), { tone: 'bad' });
        },
        online: () => this.online,
      });
      inIdle(async () => (await import('./push.svelte.ts')).push.begin(account));
      [this.identities, this.quota] = await Promise.all([account.identities(), account.quota()]);
    } catch (error) {
      this.failed(error);
    }
  }
}

export const connection = new Connection();
