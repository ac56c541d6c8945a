/** Work on the demo's team mail: who takes care of a conversation, notes, and a colleague who is answering right now. */
import type { Id } from '../types.ts';
import { candidates, SELF } from './directory.ts';

type Json = Record<string, unknown>;
type Held = Json & { id: Id };
const TYPES = new Set(['Assignment', 'Note', 'Presence', 'Delegation']);

export class DemoTeam {
  #held = new Map<string, Map<Id, Held>>();
  #state = 0;

  constructor(private readonly threadOf: (emailId: Id) => Id) {}

  /** What stands there at the beginning, on the newest messages. */
  seed(emailIds: readonly Id[]): void {
    const [first, second, third] = emailIds;
    const colleague = candidates().find(({ id }) => id !== SELF);
    if (!first || !second || !third || !colleague) return;
    const at = new Date(Date.now() - 3_600_000).toISOString();
    const given = (emailId: Id, assigneeId: Id, state: string): void =>
      this.#put('Assignment', { id: this.threadOf(emailId), ...this.#assigned(emailId, assigneeId, state, at) });
    given(second, SELF, 'open');
    given(third, colleague.id, 'done');
    const note = { threadId: this.threadOf(first), emailId: first, authorId: colleague.id, authorName: colleague.name };
    this.#put('Note', {
      id: 'n1',
      ...note,
      createdAt: at,
      editedAt: null,
      text: '견적은 제가 확인했습니다. 답장만 부탁드려요.',
    });
    this.#put('Presence', { id: 'r1', emailId: first, principalId: colleague.id, name: colleague.name });
  }

  /** Null for methods of other types. `touched` hears of a type that has changed. */
  run(method: string, args: Json, touched: (type: string) => void): Json | null {
    const [type = '', act] = method.split('/');
    if (!TYPES.has(type)) return null;
    if (act === 'candidates') return { list: candidates() };
    if (act === 'get') return this.#get(type, args);
    if (act === 'query') return this.#query(type, args);
    // No log is kept: whoever asks fetches anew.
    if (act !== 'set') throw new Error('cannotCalculateChanges');
    const answer = this.#set(type, args);
    touched(type);
    return answer;
  }

  assignment(threadId: Id): 'mine' | 'others' | 'none' | 'done' {
    const one = this.#all('Assignment').get(threadId);
    if (!one) return 'none';
    if (one.state === 'done') return 'done';
    return one.assigneeId === SELF ? 'mine' : 'others';
  }

  #all(type: string): Map<Id, Held> {
    const found = this.#held.get(type) ?? new Map<Id, Held>();
    this.#held.set(type, found);
    return found;
  }

  #put(type: string, one: Held): void {
    this.#all(type).set(one.id, one);
  }

  #get(type: string, args: Json): Json {
    const all = [...this.#all(type).values()];
    const ids = args.ids as Id[] | null | undefined;
    return { state: `w${this.#state}`, list: ids ? all.filter(({ id }) => ids.includes(id)) : all, notFound: [] };
  }

  #query(type: string, args: Json): Json {
    const threads = ((args.filter as Json | undefined)?.threadIds ?? []) as Id[];
    const found = [...this.#all(type).values()].filter((one) => threads.includes(one.threadId as Id));
    return { position: 0, ids: found.map(({ id }) => id) };
  }

  #set(type: string, args: Json): Json {
    const all = this.#all(type);
    const created: Json = {};
    for (const [key, wish] of Object.entries((args.create ?? {}) as Record<string, Json>)) {
      const made = this.#made(type, wish);
      // One's own answering is shown to others only.
      if (type !== 'Presence') all.set(made.id, made);
      created[key] = made;
    }
    for (const [id, patch] of Object.entries((args.update ?? {}) as Record<Id, Json>)) {
      const held = all.get(id);
      if (held) all.set(id, { ...held, ...patch, ...(type === 'Note' ? { editedAt: new Date().toISOString() } : {}) });
    }
    const destroyed = ((args.destroy ?? []) as Id[]).filter((id) => all.delete(id) || type === 'Presence');
    this.#state += 1;
    return { oldState: null, newState: `w${this.#state}`, created, updated: null, destroyed };
  }

  #made(type: string, wish: Json): Held {
    const emailId = wish.emailId as Id;
    const at = new Date().toISOString();
    if (type === 'Presence') return { id: `${emailId}-${SELF}`, emailId, others: [], leaseSeconds: 30 };
    if (type === 'Assignment')
      return { id: this.threadOf(emailId), ...this.#assigned(emailId, wish.assigneeId as Id, String(wish.state), at) };
    const author = candidates().find(({ id }) => id === SELF);
    return {
      id: `n${this.#state + 2}`,
      threadId: this.threadOf(emailId),
      emailId,
      authorId: SELF,
      authorName: author?.name ?? '',
      createdAt: at,
      editedAt: null,
      text: wish.text,
    };
  }

  #assigned(emailId: Id, assigneeId: Id, state: string, at: string): Json {
    return { threadId: this.threadOf(emailId), emailId, assigneeId, assignedById: SELF, assignedAt: at, state };
  }
}
