/**
 * Records of one JMAP type as the server last told them, with changes laid over them that the
 * server has not confirmed yet. Readers see the sum and never wait.
 */
import type { Id } from './types.ts';

export type Transform<T> = (record: T) => T;

/** An unconfirmed change: `keep` makes it part of the record, `drop` takes it back. */
export interface Overlay {
  keep(): void;
  drop(): void;
}

export class RecordStore<T extends { id: Id }> {
  /** JMAP state of `#base`; null before the first answer. */
  state: string | null = null;
  #base = new Map<Id, T>();
  #sum = new Map<Id, T>();
  #overlays = new Map<Id, Transform<T>[]>();
  #listeners = new Set<() => void>();

  get size(): number {
    return this.#base.size;
  }

  get(id: Id): T | undefined {
    return this.#sum.get(id);
  }

  has(id: Id): boolean {
    return this.#base.has(id);
  }

  values(): T[] {
    return [...this.#sum.values()];
  }

  ids(): Id[] {
    return [...this.#base.keys()];
  }

  /** Merges what the server told; properties that it did not tell stay. */
  put(records: Iterable<T>): void {
    for (const record of records) {
      this.#base.set(record.id, { ...this.#base.get(record.id), ...record });
      this.#add(record.id);
    }
    this.#tell();
  }

  remove(ids: Iterable<Id>): void {
    for (const id of ids) {
      this.#base.delete(id);
      this.#sum.delete(id);
    }
    this.#tell();
  }

  /** Forgets all records, and keeps overlays for when they come back. */
  clear(): void {
    this.#base.clear();
    this.#sum.clear();
    this.state = null;
    this.#tell();
  }

  overlay(transforms: ReadonlyMap<Id, Transform<T>>): Overlay {
    for (const [id, transform] of transforms) {
      this.#overlays.set(id, [...(this.#overlays.get(id) ?? []), transform]);
      this.#add(id);
    }
    this.#tell();
    let open = true;
    const close = (confirmed: boolean): void => {
      if (!open) return;
      open = false;
      for (const [id, transform] of transforms) this.#close(id, transform, confirmed);
      this.#tell();
    };
    return { keep: () => close(true), drop: () => close(false) };
  }

  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #close(id: Id, transform: Transform<T>, confirmed: boolean): void {
    const left = (this.#overlays.get(id) ?? []).filter((each) => each !== transform);
    if (left.length > 0) this.#overlays.set(id, left);
    else this.#overlays.delete(id);
    const record = this.#base.get(id);
    if (confirmed && record) this.#base.set(id, transform(record));
    this.#add(id);
  }

  #add(id: Id): void {
    const record = this.#base.get(id);
    if (!record) return;
    const overlays = this.#overlays.get(id) ?? [];
    this.#sum.set(
      id,
      overlays.reduce((sum, transform) => transform(sum), record),
    );
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
