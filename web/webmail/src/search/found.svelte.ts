/** Why each message was found: subject and passage with marks, the attachment it stands in, the switches that helped. */
import type { Id } from '@smartmail/jmap/types.ts';
import { SvelteMap } from 'svelte/reactivity';
import { place } from '../app/place.svelte.ts';

export type Piece = [text: string, marked: boolean];
export interface Found {
  subject: Piece[] | null;
  preview: Piece[] | null;
  file: Piece[] | null;
  by: readonly string[];
}

/** Filled by `explaining.ts`. */
export const known = new SvelteMap<Id, Found>();
export const foundOf = (id: Id): Found | undefined => (place.search === '' ? undefined : known.get(id));
