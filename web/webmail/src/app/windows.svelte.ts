/** Which windows for writing are open. How letters are written (`writing/composing.svelte.ts`) is fetched with the first one. */
export interface LetterWindow {
  readonly size: 'docked' | 'minimised' | 'full';
}

class Windows {
  drafts = $state.raw<readonly LetterWindow[]>([]);
}

export const windows = new Windows();
