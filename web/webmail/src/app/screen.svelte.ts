/** The three widths that the layout knows. */
import { MediaQuery } from 'svelte/reactivity';
import { settings } from './settings.svelte.ts';

const phone = new MediaQuery('(max-width: 719px)');
const narrow = new MediaQuery('(max-width: 959px)');
const roomForPane = new MediaQuery('(min-width: 1200px)');

export const screen = {
  get phone(): boolean {
    return phone.current;
  },
  /** Mailboxes are a drawer. */
  get narrow(): boolean {
    return narrow.current;
  },
  get pane(): boolean {
    return settings.pane === 'right' && roomForPane.current;
  },
};
