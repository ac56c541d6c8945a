import Download from '@lucide/svelte/icons/download';
import { connection } from '../app/connection.svelte.ts';
import { withWords } from '../app/language.svelte.ts';
import { type Action, targets } from '../actions/action.ts';

/** Originals: one as .eml, several as a ZIP. */
export const save: Action = {
  id: 'save',
  label: () => 'action.saveMail',
  icon: Download,
  keys: [],
  enabled: () => targets(true).length > 0,
  may: () => connection.account?.may('mayExport') !== false,
  run: async () => (await withWords(import('./save.ts'))).save(targets(true)),
};
