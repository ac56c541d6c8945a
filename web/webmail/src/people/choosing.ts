import type { SvelteMap } from 'svelte/reactivity';
import type { PersonRow } from './person-row.ts';

/** What a list of people does with those who are chosen. */
export interface Choosing {
  has: (row: PersonRow) => boolean;
  toggle: (row: PersonRow) => void;
  readonly size: number;
}

/** Rows by their id. */
export function choosingIn(chosen: SvelteMap<string, PersonRow>): Choosing {
  return {
    has: ({ id }) => chosen.has(id),
    toggle: (row) => void (chosen.delete(row.id) || chosen.set(row.id, row)),
    get size() {
      return chosen.size;
    },
  };
}
