/**
 * The records of any JMAP type of an account (tags, contacts, credentials …): fetched whole, kept in step with the
 * server, changed at once on the screen and taken back when the server refuses. Lists that are too long to be fetched
 * whole have windows of their own (`list.ts`).
 */
import { MethodFailure } from './errors.ts';
import type { ChangesResult, GetResult, PatchObject, SetResult } from './methods.ts';
import { inversePatch, patched } from './patch.ts';
import type { Pipeline } from './pipeline.ts';
import { RecordStore } from './store.ts';
import type { Id } from './types.ts';

export interface RecordOptions {
  /** What is fetched; all properties without. */
  properties?: readonly string[];
  /** False for types without `/changes`: they are fetched anew. */
  changes?: boolean;
}

/** One act: `done` settles with the server's word, `undo` leads back. */
export interface RecordAct<T = void> {
  done: Promise<T>;
  undo(): RecordAct<unknown>;
}

export class Records<T extends { id: Id }> {
  readonly #store = new RecordStore<T>();
  readonly #leaving = new Set<Id>();
  #loading: Promise<void> | null = null;
  loaded = false;
  /** Changes from here, counted when they begin and when they end. */
  #acts = 0;

  constructor(
    private readonly pipeline: Pipeline,
    /** Of the type, as in `Tag/get`. */
    readonly name: string,
    private readonly options: RecordOptions = {},
  ) {}

  /** All of them once; the same promise for everybody who asks. */
  load(): Promise<void> {
    this.#loading ??= this.#fetchAll().catch((error: unknown) => {
      this.#loading = null;
      throw error;
    });
    return this.#loading;
  }

  /** Called when the server tells a new state of the type, and after a break. Nothing to do before `load`. */
  async refresh(state: string | null = null): Promise<void> {
    if (!this.loaded || (state !== null && state === this.#store.state)) return;
    const since = this.#store.state;
    if (this.options.changes === false || since === null) return this.#fetchAll();
    const changes = await this.#changes(since);
    if (!changes) return this.#fetchAll();
    const ids = [...changes.created, ...changes.updated];
    const before = this.#acts;
    const told = ids.length > 0 ? (await this.#get(ids)).list : [];
    if (before !== this.#acts) return this.#fetchAll();
    this.#store.put(told);
    this.#store.remove(changes.destroyed);
    this.#store.state = changes.newState;
    if (changes.hasMoreChanges) await this.refresh();
  }

  get(id: Id): T | undefined {
    return this.#leaving.has(id) ? undefined : this.#store.get(id);
  }

  values(): T[] {
    return this.#store.values().filter((record) => !this.#leaving.has(record.id));
  }

  listen(listener: () => void): () => void {
    return this.#store.listen(listener);
  }

  /** The new record, with what the server added to it. */
  async create(object: Omit<T, 'id'> | object): Promise<T> {
    const result = await this.#set({ create: { new: object } });
    const made = result.created?.new;
    if (!made) throw refusal(result.notCreated?.new);
    const record = { ...object, ...made } as unknown as T;
    this.#store.put([record]);
    return record;
  }

  update(id: Id, patch: PatchObject): RecordAct {
    const before = this.#store.get(id);
    const overlay = this.#store.overlay(new Map([[id, (record: T) => patched(record, patch)]]));
    const done = this.#set({ update: { [id]: patch } }).then((result) => {
      const refused = result.notUpdated?.[id];
      if (refused) throw refusal(refused);
      overlay.keep();
      // What the server set beside what was asked for (RFC 8620 §5.3).
      const more = result.updated?.[id];
      if (more) this.#store.put([{ ...more, id } as unknown as T]);
    });
    const back = before ? inversePatch(before, patch) : {};
    return { done: dropping(done, () => overlay.drop()), undo: () => this.update(id, back) };
  }

  destroy(id: Id): RecordAct {
    const before = this.#store.get(id);
    this.#leave(id, true);
    const done = this.#set({ destroy: [id] }).then((result) => {
      const refused = result.notDestroyed?.[id];
      if (refused && refused.type !== 'notFound') throw refusal(refused);
      this.#leaving.delete(id);
      this.#store.remove([id]);
    });
    return {
      done: dropping(done, () => this.#leave(id, false)),
      // Made anew: it has another id then.
      undo: () => {
        const again = this.create(withoutId(before ?? {}));
        return { done: again, undo: () => ({ done: again.then((one) => this.destroy(one.id).done), undo: never }) };
      },
    };
  }

  #leave(id: Id, out: boolean): void {
    if (out) this.#leaving.add(id);
    else this.#leaving.delete(id);
    this.#store.put([]);
  }

  async #fetchAll(): Promise<void> {
    const before = this.#acts;
    const { list, state } = await this.#get(null);
    // Something was changed from here meanwhile: this answer may be older than that.
    if (before !== this.#acts) return this.#fetchAll();
    const alive = new Set(list.map((record) => record.id));
    this.#store.remove(this.#store.ids().filter((id) => !alive.has(id)));
    this.#store.put(list);
    this.#store.state = state;
    this.loaded = true;
  }

  #get(ids: Id[] | null): Promise<GetResult<T>> {
    const properties = this.options.properties;
    return this.pipeline.send<GetResult<T>>(`${this.name}/get`, { ids, ...(properties ? { properties } : {}) }).result;
  }

  async #set(args: object): Promise<SetResult> {
    this.#acts += 1;
    try {
      return await this.pipeline.send<SetResult>(`${this.name}/set`, args).result;
    } finally {
      this.#acts += 1;
    }
  }

  async #changes(sinceState: string): Promise<ChangesResult | null> {
    try {
      return await this.pipeline.send<ChangesResult>(`${this.name}/changes`, { sinceState }).result;
    } catch (error) {
      if (error instanceof MethodFailure && error.type === 'cannotCalculateChanges') return null;
      throw error;
    }
  }
}

function dropping(done: Promise<void>, drop: () => void): Promise<void> {
  return done.catch((error: unknown) => {
    drop();
    throw error;
  });
}

function withoutId(record: object): object {
  return Object.fromEntries(Object.entries(record).filter(([name]) => name !== 'id'));
}

function never(): RecordAct<unknown> {
  return { done: Promise.resolve(), undo: never };
}

function refusal(error: { type: string; description?: string | null } | undefined): MethodFailure {
  return new MethodFailure(error?.type ?? 'serverFail', error?.description ?? '');
}
