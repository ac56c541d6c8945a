/** Reminders of the demo: mail sleeps, comes back on top at its hour, or comes up unanswered. */
import type { Id, Reminder } from '../types.ts';
import type { DemoMessage } from './corpus.ts';

type Json = Record<string, unknown>;

interface Kept extends Reminder {
  /** Where it goes back to. */
  home: Id;
}

/** What the demo server lends. */
export interface Shelf {
  message(id: Id): DemoMessage | undefined;
  now(): number;
  /** It changed; `top`: it stands first from now on. */
  changed(message: DemoMessage, top: boolean): void;
}

export class DemoReminders {
  readonly #kept = new Map<Id, Kept>();

  constructor(private readonly shelf: Shelf) {}

  of(id: Id): Reminder | null {
    const kept = this.#kept.get(id);
    const places = this.shelf.message(id)?.mailboxIds ?? {};
    if (!kept || (kept.kind === 'snooze' && !places[kept.state === 'waiting' ? 'snoozed' : kept.home])) return null;
    const { kind, state, at } = kept;
    return { kind, state, at };
  }

  run(name: string, args: Json): Json {
    if (name === 'Reminder/query') return { list: this.#list() };
    const ids = args.ids as Id[];
    if (name === 'Email/endReminder') return { ended: ids.filter((id) => this.#end(id)), notEnded: null };
    const { kind, at } = args as unknown as Reminder;
    return { reminded: ids.filter((id) => this.#remind(id, kind, at)), notReminded: null };
  }

  /** Brings back what is due. */
  wake(): void {
    for (const [id, kept] of this.#kept) {
      const message = this.shelf.message(id);
      if (!message) this.#kept.delete(id);
      else if (kept.state === 'waiting' && Date.parse(kept.at) <= this.shelf.now()) {
        this.#kept.set(id, { ...kept, state: 'woken' });
        message.mailboxIds = { ...without(message.mailboxIds, 'snoozed'), [kept.home]: true };
        this.shelf.changed(message, true);
      }
    }
  }

  #list(): Json[] {
    return [...this.#kept]
      .flatMap(([emailId]) => {
        const reminder = this.of(emailId);
        return reminder ? [{ emailId, ...reminder }] : [];
      })
      .sort((one, other) => one.at.localeCompare(other.at));
  }

  #remind(created: Id, kind: Reminder['kind'], at: string): boolean {
    const message = this.shelf.message(created);
    if (!message) return false;
    const old = this.#kept.get(message.id);
    if (kind === 'followUp' || old?.kind === 'followUp') {
      if (old?.state === 'woken') message.mailboxIds = without(message.mailboxIds, 'inbox');
      this.#kept.set(message.id, { kind: 'followUp', state: 'waiting', at, home: 'inbox' });
    } else {
      const home = message.mailboxIds.snoozed
        ? (old?.home ?? 'inbox')
        : (Object.keys(message.mailboxIds)[0] ?? 'inbox');
      message.mailboxIds = { snoozed: true };
      this.#kept.set(message.id, { kind, state: 'waiting', at, home });
    }
    this.shelf.changed(message, false);
    return true;
  }

  #end(id: Id): boolean {
    const kept = this.#kept.get(id);
    const message = this.shelf.message(id);
    if (!kept || !message) return false;
    if (kept.kind === 'snooze' && kept.state === 'waiting') message.mailboxIds = { [kept.home]: true };
    if (kept.kind === 'followUp' && kept.state === 'woken') message.mailboxIds = without(message.mailboxIds, 'inbox');
    this.#kept.delete(id);
    this.shelf.changed(message, false);
    return true;
  }
}

function without(ids: Record<Id, true>, gone: Id): Record<Id, true> {
  return Object.fromEntries(Object.keys(ids).flatMap((id) => (id === gone ? [] : [[id, true as const]])));
}
