/** What policy can decide, as the server declares it: asked for once when something shows an item, in the reader's language. */
import { all } from '../api/client.ts';
import type { Knob } from '../api/types.ts';
import { language } from './language.svelte.ts';

class Declared {
  #rows = $state.raw<readonly Knob[]>([]);
  readonly #byName = $derived(new Map(this.#rows.map((one) => [one.name, one])));
  #asked = '';

  get rows(): readonly Knob[] {
    this.#ask();
    return this.#rows;
  }

  find(name: string): Knob | undefined {
    this.#ask();
    return this.#byName.get(name);
  }

  #ask(): void {
    const wanted = language();
    if (this.#asked === wanted) return;
    this.#asked = wanted;
    // Not while something is drawn: what is drawn may not change what it reads.
    queueMicrotask(() => void this.#load());
  }

  async #load(): Promise<void> {
    try {
      this.#rows = await all<Knob>('/policy/knobs');
    } catch {
      // Who may not read the policy reads the names that the command line has; the next that is shown asks again.
      this.#asked = '';
    }
  }
}

export const declared = new Declared();

/** The short name of an item; the one of the command line until it is known. */
export function knobName(name: string): string {
  return declared.find(name)?.title || name;
}
