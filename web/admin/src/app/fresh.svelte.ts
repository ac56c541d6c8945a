/** Something that is read again and again while it goes on: a work with progress. */
import { onDestroy } from 'svelte';
import { failureText } from './failure.ts';

const OFTEN_MS = 2_000;

export class Fresh<T> {
  told = $state.raw<T | null>(null);
  problem = $state('');
  #timer = 0;

  /** `goes`: whether what was read goes on by itself, so that it is worth reading again soon. */
  constructor(
    private readonly read: () => Promise<T>,
    private readonly goes: (told: T) => boolean,
  ) {
    onDestroy(() => window.clearTimeout(this.#timer));
    void this.load();
  }

  async load(): Promise<void> {
    window.clearTimeout(this.#timer);
    try {
      this.told = await this.read();
      this.problem = '';
    } catch (error) {
      this.problem = failureText(error);
    }
    if (this.told !== null && this.goes(this.told)) this.#timer = window.setTimeout(() => void this.load(), OFTEN_MS);
  }
}
