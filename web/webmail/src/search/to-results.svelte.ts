/** The keyboard goes from the search box to what was found, once it stands there. */
import { tick } from 'svelte';
import { listing } from '../app/listing.svelte.ts';
import { place } from '../app/place.svelte.ts';

export class ToResults {
  /** Set by whoever leaves the box; taken back by whoever types on. */
  wanted = $state(false);

  constructor(private readonly field: () => HTMLElement) {
    // What was listed before goes away with the keyboard on it: the box keeps it until then, and for good where nothing is found.
    $effect(() => {
      if (!this.wanted || listing.line !== place.search || !listing.ready) return;
      this.wanted = false;
      void tick().then(() => document.activeElement === this.field() && listing.view?.focus());
    });
  }
}
