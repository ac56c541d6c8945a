/** Who is taken out of the company's tree for a letter: whole departments, and single people. Does not know how they are asked for. */
import type { EmailAddress, Id } from '@smartmail/jmap/types.ts';
import { SvelteMap, SvelteSet } from 'svelte/reactivity';

export interface Member {
  id: Id;
  name: string;
  email: string;
  department: string;
  title: string;
}

type Members = (id: Id, below: boolean) => Promise<Member[]>;

export class DepartmentChoice {
  shown = $state<Id | null>(null);
  people = $state.raw<readonly Member[]>([]);
  /** With the departments below one. */
  below = $state(true);
  readonly chosen = new SvelteMap<string, EmailAddress>();
  /** Departments of which everybody was taken, as they were asked. */
  readonly #whole = new SvelteMap<Id, string[]>();
  /** Those that are asked for. A letter now would reach only a part of them. */
  readonly #coming = new SvelteSet<Id>();
  #shows = 0;
  /** By department: which question is the one that counts. */
  readonly #asked = new Map<Id, number>();

  constructor(
    private readonly members: Members,
    private readonly onfailure: (error: unknown) => void,
  ) {}

  get coming(): boolean {
    return this.#coming.size > 0;
  }

  has(id: Id): boolean {
    return this.#whole.has(id) || this.#coming.has(id);
  }

  /** What comes late for a department that was left, or was asked for otherwise, is dropped. */
  async show(id: Id): Promise<void> {
    const mine = (this.#shows += 1);
    this.shown = id;
    const found = await this.#ask(id);
    if (mine === this.#shows) this.people = found ?? [];
  }

  /** Everybody of a department; nobody of it, where everybody was taken or is on the way. */
  async takeWhole(id: Id): Promise<void> {
    const mine = (this.#asked.get(id) ?? 0) + 1;
    this.#asked.set(id, mine);
    if (this.#coming.delete(id)) return;
    if (this.#whole.has(id)) return this.#leave(id);
    this.#coming.add(id);
    const found = await this.#ask(id);
    if (mine !== this.#asked.get(id)) return;
    this.#coming.delete(id);
    if (!found) return;
    this.#whole.set(
      id,
      found.map(({ email }) => email),
    );
    for (const { name, email } of found) this.chosen.set(email, { name, email });
  }

  take({ name, email }: Member): void {
    if (!this.chosen.delete(email)) this.chosen.set(email, { name, email });
  }

  #leave(id: Id): void {
    const taken = this.#whole.get(id) ?? [];
    this.#whole.delete(id);
    const still = new Set([...this.#whole.values()].flat());
    for (const email of taken) if (!still.has(email)) this.chosen.delete(email);
  }

  async #ask(id: Id): Promise<Member[] | null> {
    try {
      return await this.members(id, this.below);
    } catch (error) {
      this.onfailure(error);
      return null;
    }
  }
}
