import Forward from '@lucide/svelte/icons/forward';
import { withWords } from '../app/language.svelte.ts';
import { type Action, targets } from '../actions/action.ts';

/** Several in one letter, as they came. */
export const forwardAttached: Action = {
  id: 'forward-attached',
  label: () => 'action.forwardAttached',
  icon: Forward,
  keys: [],
  enabled: () => targets(true).length > 0,
  run: async () => (await withWords(import('./forward-as-files.ts'))).forwardAttached(targets(true)),
};
