/** Recurring mail of the demo: plans are kept and shown; the next turn is that of tomorrow. */
import type { Id } from '../types.ts';
import type { DemoMessage } from './corpus.ts';

type Json = Record<string, unknown>;

/** What the demo server lends. */
export interface Shelf {
  message(id: Id): DemoMessage | undefined;
  now(): number;
  changed(message: DemoMessage, top: boolean): void;
}

const DAY = 86_400_000;

export class DemoRecurring {
  readonly #plans = new Map<Id, Json>();

  constructor(private readonly shelf: Shelf) {}

  run(name: string, args: Json): Json {
    if (name === 'RecurringMail/get') return { state: 'r', list: [...this.#plans.values()], notFound: [] };
    const created = this.#create((args.create ?? {}) as Record<string, Json>);
    const updated: Json = {};
    for (const [id, patch] of Object.entries((args.update ?? {}) as Record<Id, Json>)) {
      const plan = { ...this.#plans.get(id), reason: '', ...patch };
      this.#plans.set(id, { ...plan, nextAt: this.#next(plan) });
      updated[id] = null;
      this.#tell(id);
    }
    const destroyed = ((args.destroy ?? []) as Id[]).filter((id) => this.#plans.delete(id));
    for (const id of destroyed) this.#move(id, 'drafts');
    return { oldState: 'r', newState: 'r', created, updated, destroyed };
  }

  #create(wishes: Record<string, Json>): Json {
    const created: Json = {};
    for (const [key, wish] of Object.entries(wishes)) {
      const id = wish.emailId as Id;
      const plan: Json = { ...wish, id, state: 'active', reason: '', turns: 0 };
      plan.nextAt = this.#next(plan);
      this.#plans.set(id, plan);
      this.#move(id, 'scheduled');
      created[key] = { id, nextAt: plan.nextAt };
    }
    return created;
  }

  #next(plan: Json): string | null {
    if (plan.state !== 'active') return null;
    const [hour = 9, minute = 0] = String(plan.time).split(':').map(Number);
    const at = new Date(this.shelf.now() + DAY);
    at.setHours(hour, minute, 0, 0);
    return at.toISOString();
  }

  #move(id: Id, mailbox: Id): void {
    const message = this.shelf.message(id);
    if (message) message.mailboxIds = { [mailbox]: true };
    this.#tell(id);
  }

  #tell(id: Id): void {
    const message = this.shelf.message(id);
    if (message) this.shelf.changed(message, false);
  }
}
