/** The windows in which letters are written. How they are written (`composing.svelte.ts`) is fetched with the first one. */
import type { Draft } from './draft.svelte.ts';

class Windows {
  drafts = $state.raw<Draft[]>([]);
}

export const windows = new Windows();
