/**
 * Email changes on their way to the server. They are laid over the records at once, travel in
 * order, are tried again while the server cannot be reached, and are taken back when it refuses.
 *
 * With a journal, what waits outlives the page.
 */
import { applyChange, countDeltas, type EmailChange, inverse, patchOf } from './change.ts';
import { isPassing, MethodFailure } from './errors.ts';
import type { Flags } from './flags.ts';
import type { PatchObject, SetError, SetResult } from './methods.ts';
import type { Pipeline } from './pipeline.ts';
import { Retry } from './retry.ts';
import type { Overlay, RecordStore, Transform } from './store.ts';
import type { Email, Id, Mailbox } from './types.ts';

export interface Progress {
  (done: number, of: number): void;
}

/** One act of the person, whether it touches one message or ten thousand. */
export interface Pending {
  /** Settles when the server has confirmed or refused. */
  done: Promise<void>;
  /** The changes that lead back, for the undo button. */
  undo: Map<Id, EmailChange>;
  /** Sends no more of it: `done` fails with `Stopped`, unless all has been sent. False where the line is broken. */
  stop(): boolean;
}

/** A person ended an act in its middle. */
export class Stopped extends Error {
  constructor(
    /** What it had reached. */
    readonly ids: Id[],
  ) {
    super('stopped');
  }
}

/** Where acts are noted until they are done; `add` returns the function that strikes one out. */
export interface ActNotes {
  add(changes: ReadonlyMap<Id, EmailChange>, destroy: readonly Id[]): () => void;
}

interface Entry {
  strike: () => void;
  stopped?: boolean;
  update: Record<Id, PatchObject>;
  destroy: Id[];
  overlays: Overlay[];
  progress: Progress | undefined;
  resolve: () => void;
  reject: (error: unknown) => void;
}

export class Outbox {
  #entries: Entry[] = [];
  #running = false;
  #held = false;
  #idle: () => void = () => undefined;
  readonly retry = new Retry(() => this.resume());
  notes: ActNotes | null = null;

  constructor(
    private readonly pipeline: Pipeline,
    private readonly emails: RecordStore<Email>,
    private readonly mailboxes: RecordStore<Mailbox>,
  ) {}

  get waiting(): number {
    return this.#entries.length;
  }

  /** Called after the queue has drained: the right moment to look at what the server made of it. */
  onIdle(listener: () => void): void {
    this.#idle = listener;
  }

  /** `before`: what is known of messages that are not among the records. */
  change(changes: ReadonlyMap<Id, EmailChange>, progress?: Progress, before?: ReadonlyMap<Id, Flags>): Pending {
    const undo = new Map<Id, EmailChange>();
    for (const [id, change] of changes) undo.set(id, inverse(change, this.emails.get(id) ?? before?.get(id)));
    const update = Object.fromEntries([...changes].map(([id, change]) => [id, patchOf(change)]));
    const overlays = this.#layOver(changes);
    const strike = this.notes?.add(changes, []) ?? nothing;
    return { undo, ...this.#enqueue({ update, destroy: [], overlays, progress, strike }) };
  }

  /** Destroys for good: there is no way back from here. */
  destroy(ids: readonly Id[], progress?: Progress): Promise<void> {
    return this.destroying(ids, progress).done;
  }

  /** The same, with a way to stop it. */
  destroying(ids: readonly Id[], progress?: Progress): Omit<Pending, 'undo'> {
    const known = ids.map((id) => this.emails.get(id)).filter((email) => email !== undefined);
    const overlays = [this.#countOver(known, (email) => ({ mailboxes: allOut(email) }))];
    const strike = this.notes?.add(new Map(), ids) ?? nothing;
    return this.#enqueue({ update: {}, destroy: [...ids], overlays, progress, strike });
  }

  /** The server can be reached again. */
  resume(): void {
    this.#held = false;
    if (this.#entries.length > 0) void this.#run();
  }

  #enqueue(wish: Omit<Entry, 'resolve' | 'reject'>): Omit<Pending, 'undo'> {
    const entry: Entry = { ...wish, resolve: nothing, reject: nothing };
    const done = new Promise<void>((resolve, reject) => Object.assign(entry, { resolve, reject }));
    this.#entries.push(entry);
    void this.#run();
    return { done, stop: () => !this.#held && (entry.stopped = true) };
  }

  #layOver(changes: ReadonlyMap<Id, EmailChange>): Overlay[] {
    const known = [...changes.keys()].map((id) => this.emails.get(id)).filter((email) => email !== undefined);
    const counts = this.#countOver(known, (email) => changes.get(email.id) ?? {});
    const transforms = new Map<Id, Transform<Email>>();
    for (const [id, change] of changes) transforms.set(id, (email) => applyChange(email, change));
    return [this.emails.overlay(transforms), counts];
  }

  #countOver(known: Email[], changeOf: (email: Email) => EmailChange): Overlay {
    const sums = new Map<Id, { total: number; unread: number }>();
    for (const email of known) {
      for (const [id, delta] of countDeltas([email], changeOf(email))) {
        const sum = sums.get(id) ?? { total: 0, unread: 0 };
        sums.set(id, { total: sum.total + delta.total, unread: sum.unread + delta.unread });
      }
    }
    const transforms = new Map<Id, Transform<Mailbox>>();
    for (const [id, sum] of sums) {
      transforms.set(id, (mailbox) => ({
        ...mailbox,
        totalEmails: Math.max(0, mailbox.totalEmails + sum.total),
        unreadEmails: Math.max(0, mailbox.unreadEmails + sum.unread),
      }));
    }
    return this.mailboxes.overlay(transforms);
  }

  async #run(): Promise<void> {
    if (this.#running || this.#held) return;
    this.#running = true;
    try {
      for (let entry = this.#entries[0]; entry && !this.#held; entry = this.#entries[0]) await this.#process(entry);
    } finally {
      this.#running = false;
    }
    if (this.#entries.length === 0) this.#idle();
  }

  async #process(entry: Entry): Promise<void> {
    try {
      await this.#send(entry);
      for (const overlay of entry.overlays) overlay.keep();
      this.#entries.shift();
      entry.strike();
      this.retry.done();
      entry.resolve();
    } catch (error) {
      if (isPassing(error)) {
        this.#held = true;
        this.retry.failed();
        return;
      }
      for (const overlay of entry.overlays) overlay.drop();
      this.#entries.shift();
      entry.strike();
      entry.reject(error);
    }
  }

  /** Repeating a chunk after a break is harmless: patches set values, and destroying twice is notFound. */
  async #send(entry: Entry): Promise<void> {
    const limit = this.pipeline.limits.maxObjectsInSet;
    const updates = Object.entries(entry.update);
    const all = updates.length + entry.destroy.length;
    for (let at = 0; at < all; at += limit) {
      if (entry.stopped) throw new Stopped([...updates.map(([id]) => id), ...entry.destroy].slice(0, at));
      const update = Object.fromEntries(updates.slice(at, at + limit));
      const from = Math.max(0, at - updates.length);
      const destroy = entry.destroy.slice(from, Math.max(0, at + limit - updates.length));
      raiseRefusals(await this.pipeline.call('Email/set', { update, destroy }).result);
      entry.progress?.(Math.min(all, at + limit), all);
    }
  }
}

const nothing = (): void => undefined;

function allOut(email: Email): Record<Id, boolean> {
  return Object.fromEntries(Object.keys(email.mailboxIds).map((id) => [id, false]));
}

/** A message that is gone already is no failure: someone was faster. */
function raiseRefusals(result: SetResult): void {
  const errors: SetError[] = [...Object.values(result.notUpdated ?? {}), ...Object.values(result.notDestroyed ?? {})];
  const refusal = errors.find((error) => error.type !== 'notFound');
  if (refusal) throw new MethodFailure(refusal.type, refusal.description ?? '');
}
