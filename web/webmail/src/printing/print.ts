import Printer from '@lucide/svelte/icons/printer';
import { connection } from '../app/connection.svelte.ts';
import { withWords } from '../app/language.svelte.ts';
import { place } from '../app/place.svelte.ts';
import { reading } from '../reading/reading.svelte.ts';
import { settings } from '../app/settings.svelte.ts';
import { type Action, targets } from '../actions/action.ts';

/** The chosen messages, each on a page of its own; else the open one. */
export const print: Action = {
  id: 'print',
  label: () => 'action.print',
  icon: Printer,
  keys: ['Mod+p'],
  enabled: () => targets().length > 0 && connection.account?.may('mayPrint') !== false,
  async run() {
    const ids = targets();
    // A conversation is printed as it is unfolded; `reading/print.css` leaves it of the page.
    if (settings.conversation && ids.length === 1 && ids[0] === place.emailId) return window.print();
    const { printMany } = await withWords(import('./print-many.ts'));
    await printMany(ids, ids.length === 1 && reading.images);
  },
};
