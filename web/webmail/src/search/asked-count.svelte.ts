/** How many messages a form would find: asked while nobody waits for it, told when it has come. */
import { connection } from '../app/connection.svelte.ts';
import { place } from '../app/place.svelte.ts';
import { settings } from '../app/settings.svelte.ts';

const PAUSE_MS = 400;

export class AskedCount {
  /** Null while it is not known. */
  count = $state<number | null>(null);

  constructor(line: () => string) {
    $effect(() => {
      const wanted = line();
      let over = false;
      this.count = null;
      if (wanted === '') return;
      const timer = setTimeout(() => {
        this.#ask(wanted).then(
          (count) => !over && (this.count = count),
          // The button then says less.
          () => undefined,
        );
      }, PAUSE_MS);
      return () => {
        over = true;
        clearTimeout(timer);
      };
    });
  }

  async #ask(line: string): Promise<number | null> {
    const filter = place.conditionOf(line);
    const args = { filter, limit: 1, calculateTotal: true, collapseThreads: settings.conversation };
    const { total } = (await connection.mail?.pipeline.call('Email/query', args).result) ?? {};
    return total ?? null;
  }
}
