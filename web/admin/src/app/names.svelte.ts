/**
 * Names behind numbers: groups, departments and domains are asked for once, when something shows them; of people, who
 * may be 100,000, those alone that are shown.
 */
import { all, ApiError, get } from '../api/client.ts';
import type { Account, Department, Domain, Group, LeakRule, Page, Role } from '../api/types.ts';
import { t } from './language.svelte.ts';

const MOST = 5_000;

class Lazy<T> {
  #rows = $state.raw<T[] | null>(null);
  #asked = false;

  constructor(readonly path: string) {}

  /** Those that are known by now; asks for them the first time. */
  get rows(): T[] {
    if (!this.#asked) {
      this.#asked = true;
      // Not while something is drawn: what is drawn may not change what it reads.
      queueMicrotask(() => void this.refresh());
    }
    return this.#rows ?? [];
  }

  async refresh(): Promise<void> {
    try {
      this.#rows = await all<T>(this.path, {}, MOST);
    } catch {
      // Who may not see names sees numbers.
      this.#rows = [];
    }
  }
}

/** People of whom something shows the number. */
class People {
  #known = $state.raw<ReadonlyMap<string, Account>>(new Map());
  #asked = new Map<string, number>();
  #waiting = new Set<string>();

  /** What is known of somebody by now; asks for them, with all others that are shown at this moment. */
  find(id: string): Account | undefined {
    if ((this.#asked.get(id) ?? 0) < Date.now() - FRESH_MS && /^\d+$/.test(id)) {
      this.#asked.set(id, Date.now());
      this.#waiting.add(id);
      if (this.#waiting.size === 1) setTimeout(() => void this.#ask());
    }
    return this.#known.get(id);
  }

  async #ask(): Promise<void> {
    const wanted = [...this.#waiting];
    this.#waiting.clear();
    for (let at = 0; at < wanted.length; at += PART) {
      try {
        const query = { ids: wanted.slice(at, at + PART).join(','), limit: PART };
        const { items } = await get<Page<Account>>('/accounts', query);
        this.#known = new Map([...this.#known, ...items.map((one) => [one.id, one] as const)]);
      } catch {
        // Who may not see names sees numbers.
      }
    }
  }
}
const FRESH_MS = 60_000;
const PART = 100;

const people = new People();
export const groups = new Lazy<Group>('/groups');
export const departments = new Lazy<Department>('/departments');
export const roles = new Lazy<Role>('/roles');
export const domains = new Lazy<Domain>('/domains');
export const leakRules = new Lazy<LeakRule>('/leak-rules');

export function accountName(id: string): string {
  const found = people.find(id);
  return found ? `${found.name} <${found.address}>` : id;
}

/** Who did something: a person by name, a program or the system as it is called. */
export function actorName(actor: string): string {
  return actor.startsWith('account:') ? accountName(actor.slice('account:'.length)) : actor;
}

export function groupName(id: string): string {
  return groups.rows.find((one) => one.id === id)?.name ?? id;
}

export function roleName(id: string): string {
  return roles.rows.find((one) => one.id === id)?.name ?? id;
}

/** The number of the person who has an address. Raises ApiError. */
export async function accountId(address: string): Promise<string> {
  const wanted = address.trim().toLowerCase();
  const { items } = await get<Page<Account>>('/accounts', /^\d+$/.test(wanted) ? { ids: wanted } : { find: wanted });
  const found = items.find((one) => one.address.toLowerCase() === wanted || one.id === wanted);
  if (!found) throw new ApiError('not_found', 404, t('form.noPerson'));
  return found.id;
}
