/**
 * Names behind numbers: people, groups, departments and domains, asked for once when something shows
 * them. Where there are more than `MOST` people, the rest keep their numbers.
 */
import { all, ApiError } from '../api/client.ts';
import type { Account, Department, Domain, Group, Role } from '../api/types.ts';
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

export const accounts = new Lazy<Account>('/accounts');
export const groups = new Lazy<Group>('/groups');
export const departments = new Lazy<Department>('/departments');
export const roles = new Lazy<Role>('/roles');
export const domains = new Lazy<Domain>('/domains');

export function accountName(id: string): string {
  const found = accounts.rows.find((one) => one.id === id);
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
export function accountId(address: string): string {
  const wanted = address.trim().toLowerCase();
  const found = accounts.rows.find((one) => one.address.toLowerCase() === wanted || one.id === wanted);
  if (!found) throw new ApiError('not_found', 404, t('form.noPerson'));
  return found.id;
}
