/** Who is taken for a letter: single people, whole departments and groups, each for one field. Does not know how they are asked for. */
import { uniqueAddresses } from '@smartmail/jmap/addresses.ts';
import type { EmailAddress } from '@smartmail/jmap/types.ts';
import { SvelteMap } from 'svelte/reactivity';
import { addressOf, type PersonRow } from './person-row.ts';

export const FIELDS = ['to', 'cc', 'bcc'] as const;
export type Field = (typeof FIELDS)[number];

export interface Entry {
  key: string;
  name: string;
  field: Field;
  /** A department or a group. */
  many: boolean;
  addresses: readonly EmailAddress[];
  /** Somebody of the company's own directory. */
  inside: boolean;
}

export interface Many {
  key: string;
  name: string;
  inside: boolean;
  ask: () => Promise<readonly EmailAddress[]>;
}

const keyOf = (email: string): string => email.toLowerCase();

export class Picking {
  /** Where the next one goes. */
  field = $state<Field>('to');
  readonly entries = new SvelteMap<string, Entry>();
  /** Those that are asked for, by what counts of their questions. A letter now would reach only a part of them. */
  readonly #coming = new SvelteMap<string, number>();
  #asked = 0;
  readonly #emails = $derived(
    new Set([...this.entries.values()].flatMap(({ addresses }) => addresses.map(({ email }) => keyOf(email)))),
  );

  constructor(private readonly onfailure: (error: unknown) => void) {}

  get coming(): boolean {
    return this.#coming.size > 0;
  }

  /** How many people, each once. */
  get count(): number {
    return this.#emails.size;
  }

  has(key: string): boolean {
    return this.entries.has(key) || this.#coming.has(key);
  }

  /** Alone, or with others. */
  includes(email: string): boolean {
    return this.#emails.has(keyOf(email));
  }

  ofField(field: Field): Entry[] {
    return [...this.entries.values()].filter((one) => one.field === field);
  }

  addresses(field: Field): EmailAddress[] {
    return uniqueAddresses(this.ofField(field).flatMap(({ addresses }) => addresses));
  }

  /** Who comes with a department is not taken out of it. */
  toggle(row: PersonRow, inside: boolean): void {
    const key = keyOf(row.email);
    if (key === '' || this.entries.delete(key) || this.#emails.has(key)) return;
    const { name, field } = { name: row.name, field: this.field };
    this.entries.set(key, { key, name, field, many: false, addresses: [addressOf(row)], inside });
  }

  remove(key: string): void {
    this.#coming.delete(key);
    this.entries.delete(key);
  }

  /** Everybody; nobody, where everybody was taken or is on the way. What comes late for one that was taken back is dropped. */
  async takeMany({ key, name, inside, ask }: Many): Promise<void> {
    if (this.has(key)) return this.remove(key);
    const mine = (this.#asked += 1);
    const { field } = this;
    this.#coming.set(key, mine);
    try {
      const addresses = await ask();
      if (this.#coming.get(key) === mine) this.entries.set(key, { key, name, field, many: true, addresses, inside });
    } catch (error) {
      this.onfailure(error);
    } finally {
      if (this.#coming.get(key) === mine) this.#coming.delete(key);
    }
  }
}
