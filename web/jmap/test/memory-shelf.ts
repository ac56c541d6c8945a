import type { Shelf, ShelfName } from '../src/local/shelf.ts';

/** A browser's storage as a map; what lies in it can be looked at from outside. */
export class MemoryShelf implements Shelf {
  readonly stores = new Map<ShelfName, Map<string, unknown>>();

  #store(name: ShelfName): Map<string, unknown> {
    let found = this.stores.get(name);
    if (!found) this.stores.set(name, (found = new Map()));
    return found;
  }

  async get(name: ShelfName, key: string): Promise<unknown> {
    return this.#store(name).get(key);
  }

  async all(name: ShelfName): Promise<[string, unknown][]> {
    return [...this.#store(name)];
  }

  async keys(name: ShelfName): Promise<string[]> {
    return [...this.#store(name).keys()];
  }

  async put(name: ShelfName, entries: readonly (readonly [string, unknown])[]): Promise<void> {
    for (const [key, value] of entries) this.#store(name).set(key, value);
  }

  async remove(name: ShelfName, keys: readonly string[]): Promise<void> {
    for (const key of keys) this.#store(name).delete(key);
  }

  async clear(): Promise<void> {
    for (const store of this.stores.values()) store.clear();
  }

  get size(): number {
    return [...this.stores.values()].reduce((sum, store) => sum + store.size, 0);
  }

  /** Every octet that lies here, as far as a thief could read it. */
  octets(): string {
    const found: string[] = [];
    for (const store of this.stores.values())
      for (const [key, value] of store) {
        const sealed = value as { octets?: ArrayBuffer };
        found.push(key, sealed.octets ? Buffer.from(sealed.octets).toString('utf8') : JSON.stringify(value));
      }
    return found.join('\n');
  }
}
