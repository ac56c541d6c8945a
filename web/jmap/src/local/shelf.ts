/** Where sealed things lie in the browser. IndexedDB in the apps, a map in tests. */
import { type DBSchema, type IDBPDatabase, openDB } from 'idb';

export const SHELVES = ['keys', 'rows', 'bodies', 'things', 'queue'] as const;
export type ShelfName = (typeof SHELVES)[number];

export interface Shelf {
  get(name: ShelfName, key: string): Promise<unknown>;
  all(name: ShelfName): Promise<[key: string, value: unknown][]>;
  keys(name: ShelfName): Promise<string[]>;
  /** All or none. */
  put(name: ShelfName, entries: readonly (readonly [key: string, value: unknown])[]): Promise<void>;
  remove(name: ShelfName, keys: readonly string[]): Promise<void>;
  /** Empties all of them. */
  clear(): Promise<void>;
}

type Schema = DBSchema & Record<ShelfName, { key: string; value: unknown }>;

const NAME = 'smartmail';

/** Null where the browser keeps nothing (some private windows). */
export async function openShelf(): Promise<Shelf | null> {
  try {
    const database = await openDB<Schema>(NAME, 1, {
      upgrade(fresh) {
        for (const name of SHELVES) fresh.createObjectStore(name);
      },
    });
    return new IdbShelf(database);
  } catch {
    return null;
  }
}

class IdbShelf implements Shelf {
  constructor(private readonly database: IDBPDatabase<Schema>) {}

  get(name: ShelfName, key: string): Promise<unknown> {
    return this.database.get(name, key);
  }

  async all(name: ShelfName): Promise<[string, unknown][]> {
    const store = this.database.transaction(name).store;
    const [keys, values] = await Promise.all([store.getAllKeys(), store.getAll()]);
    return keys.map((key, index) => [key, values[index]]);
  }

  keys(name: ShelfName): Promise<string[]> {
    return this.database.getAllKeys(name);
  }

  async put(name: ShelfName, entries: readonly (readonly [string, unknown])[]): Promise<void> {
    const { store, done } = this.database.transaction(name, 'readwrite');
    await Promise.all([...entries.map(([key, value]) => store.put(value, key)), done]);
  }

  async remove(name: ShelfName, keys: readonly string[]): Promise<void> {
    const { store, done } = this.database.transaction(name, 'readwrite');
    await Promise.all([...keys.map((key) => store.delete(key)), done]);
  }

  async clear(): Promise<void> {
    const transaction = this.database.transaction(SHELVES, 'readwrite');
    await Promise.all([...SHELVES.map((name) => transaction.objectStore(name).clear()), transaction.done]);
  }
}
