/**
 * Brings records from their state to the server's (RFC 8620 §5.2 `/changes`). A record that is not
 * cached here is not fetched: lists ask for what they show.
 */
import { MethodFailure } from './errors.ts';
import type { ChangesResult } from './methods.ts';
import type { Pipeline } from './pipeline.ts';
import type { RecordStore } from './store.ts';
import { type Email, type Id, MAILBOX_PROPERTIES, type Mailbox, ROW_PROPERTIES } from './types.ts';

/** More than this is cheaper to forget and ask anew. */
const MOST_CHANGES = 1000;

export class Sync {
  constructor(
    private readonly pipeline: Pipeline,
    private readonly mailboxes: RecordStore<Mailbox>,
    private readonly emails: RecordStore<Email>,
  ) {}

  /** Mailboxes are few: all of them when the server cannot tell the changes. */
  async mailboxesTo(state: string | null): Promise<void> {
    if (state !== null && this.mailboxes.state === state) return;
    if (this.mailboxes.state === null) return this.allMailboxes();
    const changes = await this.#changes('Mailbox/changes', this.mailboxes.state);
    if (!changes) return this.allMailboxes();
    const ids = [...changes.created, ...changes.updated];
    if (ids.length > 0)
      this.mailboxes.put(
        (await this.pipeline.call('Mailbox/get', { ids, properties: MAILBOX_PROPERTIES }).result).list,
      );
    this.mailboxes.remove(changes.destroyed);
    this.mailboxes.state = changes.newState;
  }

  async allMailboxes(): Promise<void> {
    const answer = await this.pipeline.call('Mailbox/get', { ids: null, properties: MAILBOX_PROPERTIES }).result;
    const alive = new Set(answer.list.map((mailbox) => mailbox.id));
    this.mailboxes.put(answer.list);
    this.mailboxes.remove(this.mailboxes.ids().filter((id) => !alive.has(id)));
    this.mailboxes.state = answer.state;
  }

  /** Returns the ids of messages that are new, for announcing them. */
  async emailsTo(state: string | null): Promise<Id[]> {
    if (this.emails.state === null || (state !== null && this.emails.state === state)) return [];
    const changes = await this.#changes('Email/changes', this.emails.state);
    if (!changes) {
      this.emails.clear();
      return [];
    }
    const stale = changes.updated.filter((id) => this.emails.has(id));
    await this.#fetchEmails(stale);
    this.emails.remove(changes.destroyed);
    this.emails.state = changes.newState;
    return changes.created;
  }

  async #fetchEmails(ids: Id[]): Promise<void> {
    const limit = this.pipeline.limits.maxObjectsInGet;
    const calls = [];
    for (let at = 0; at < ids.length; at += limit) {
      calls.push(
        this.pipeline.call('Email/get', { ids: ids.slice(at, at + limit), properties: ROW_PROPERTIES }).result,
      );
    }
    for (const answer of await Promise.all(calls)) this.emails.put(answer.list);
  }

  /** All changes since `since`, or null when they cannot be told or are too many. */
  async #changes(name: 'Mailbox/changes' | 'Email/changes', since: string): Promise<ChangesResult | null> {
    const sum = { created: new Set<Id>(), updated: new Set<Id>(), destroyed: new Set<Id>() };
    let state = since;
    for (;;) {
      const answer = await this.#step(name, state);
      if (!answer) return null;
      fold(sum, answer);
      state = answer.newState;
      if (!answer.hasMoreChanges) {
        const { created, updated, destroyed } = sum;
        return { ...answer, created: [...created], updated: [...updated], destroyed: [...destroyed] };
      }
      if (sum.created.size + sum.updated.size + sum.destroyed.size > MOST_CHANGES) return null;
    }
  }

  async #step(name: 'Mailbox/changes' | 'Email/changes', sinceState: string): Promise<ChangesResult | null> {
    try {
      return await this.pipeline.call(name, { sinceState, maxChanges: MOST_CHANGES }).result;
    } catch (error) {
      if (error instanceof MethodFailure && error.type === 'cannotCalculateChanges') return null;
      throw error;
    }
  }
}

type Sum = Record<'created' | 'updated' | 'destroyed', Set<Id>>;

function fold(sum: Sum, answer: ChangesResult): void {
  for (const id of answer.created) sum.created.add(id);
  for (const id of answer.updated) if (!sum.created.has(id)) sum.updated.add(id);
  for (const id of answer.destroyed) {
    // Made and destroyed between two looks: never seen here.
    if (!sum.created.delete(id)) sum.destroyed.add(id);
    sum.updated.delete(id);
  }
}
