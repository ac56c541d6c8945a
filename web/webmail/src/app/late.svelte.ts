/**
 * Parts that the first rows do not need: fetched, with their words, in an idle moment after those rows (`bring`), or as soon
 * as one of them is wanted (`parts`). From then on they are there at once. What cannot be had is asked for again when it is
 * wanted again.
 */
import { withWords } from './language.svelte.ts';

const coming = new Set<Promise<unknown>>();

/** For who acts on what late parts show: settles when those that were asked for are there; false where none was awaited. */
export async function lateParts(): Promise<boolean> {
  const awaited = [...coming];
  await Promise.allSettled(awaited);
  return awaited.length > 0;
}

export class Late<Parts> {
  #parts = $state.raw<Parts | null>(null);
  #coming: Promise<Parts> | null = null;

  constructor(private readonly fetching: () => Promise<Parts>) {}

  /** Null until they have come; whoever reads it hears of that. */
  get parts(): Parts | null {
    if (this.#parts === null) this.bring().catch(() => undefined);
    return this.#parts;
  }

  async #fetch(): Promise<Parts> {
    try {
      return (this.#parts = await withWords(this.fetching()));
    } catch (error) {
      this.#coming = null;
      throw error;
    }
  }

  bring(): Promise<Parts> {
    if (this.#coming) return this.#coming;
    const parts = this.#fetch();
    this.#coming = parts;
    coming.add(parts);
    const come = (): unknown => coming.delete(parts);
    parts.then(come, come);
    return parts;
  }
}
