/**
 * From which country each mail of a list verifiably came: asked for the rows on the screen once they stand still, and only
 * where the person wants to see it. It is kept with the mail from its arrival on and never changes.
 */
import type { Id } from '@smartmail/jmap/types.ts';
import { SvelteMap } from 'svelte/reactivity';
import { connection } from './connection.svelte.ts';
import { listing } from './listing.svelte.ts';
import { settings } from './settings.svelte.ts';

/** Which mail wears its country: that from abroad, all from outside, or none. */
export type RowCountry = 'abroad' | 'all' | 'none';

const STILL_MS = 120;
/** Forgotten at once when there are more: whoever scrolls back asks again. */
const MOST_KNOWN = 5_000;
const known = new SvelteMap<Id, string | null>();
const asked = new Set<Id>();
let whose: Id | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;

export const rowCountry = (): RowCountry => settings.of('rowCountry') ?? 'abroad';

/** Two letters for the row of a mail; null where it shall wear none. */
export function originOf(id: Id): string | null {
  const country = rowCountry() === 'none' ? null : (known.get(id) ?? null);
  if (country === null || rowCountry() === 'all') return country;
  return connection.account?.capability<string[]>('homeCountries')?.includes(country) === false ? country : null;
}

/** Rows that are on the screen now. */
export function lookForOrigins(first: number, last: number): void {
  clearTimeout(timer);
  if (rowCountry() !== 'none') timer = setTimeout(() => ask(first, last), STILL_MS);
}

function ask(first: number, last: number): void {
  const { mail } = connection;
  if (mail?.id !== whose || known.size > MOST_KNOWN) {
    whose = mail?.id;
    known.clear();
    asked.clear();
  }
  const ids: Id[] = [];
  for (let row = first; row <= last; row += 1) {
    const id = listing.idAt(row);
    if (id !== undefined && !asked.has(id)) ids.push(id);
  }
  if (!mail || ids.length === 0) return;
  for (const id of ids) asked.add(id);
  mail.pipeline
    .send<{ list: { id: Id; fromCountry?: string | null }[] }>('Email/get', { ids, properties: ['fromCountry'] })
    .result.then(
      ({ list }) => {
        if (whose === mail.id) for (const one of list) known.set(one.id, one.fromCountry ?? null);
      },
      // Rows then wear none until they are looked at anew.
      () => ids.forEach((id) => asked.delete(id)),
    );
}
