import Printer from '@lucide/svelte/icons/printer';
import { connection } from '../app/connection.svelte.ts';
import { place } from '../app/place.svelte.ts';
import type { Action } from './action.ts';

/** The browser prints the page; `reading/print.css` leaves the open message of it. */
export const print: Action = {
  id: 'print',
  label: () => 'action.print',
  icon: Printer,
  keys: ['Mod+p'],
  enabled: () => place.emailId !== null && connection.account?.may('mayPrint') !== false,
  run: () => window.print(),
};
