/** The widths that the layout knows: phone, mailboxes as a drawer, list alone, list beside the open message. */
import { MediaQuery } from 'svelte/reactivity';
import { settings } from './settings.svelte.ts';

const phone = new MediaQuery('(max-width: 719px)');
const narrow = new MediaQuery('(max-width: 1099px)');
/** Below this neither half shows anything worth reading. */
const highEnough = new MediaQuery('(min-height: 640px)');
const roomForPane = new MediaQuery('(min-width: 1100px)');

export const screen = {
  get phone(): boolean {
    return phone.current;
  },
  /** Mailboxes are a drawer. */
  get narrow(): boolean {
    return narrow.current;
  },
  /** The open message stands beside the list, or below it. */
  get pane(): boolean {
    return this.beside || this.below;
  },
  get beside(): boolean {
    return settings.pane === 'right' && roomForPane.current;
  },
  get below(): boolean {
    return settings.pane === 'below' && !phone.current && highEnough.current;
  },
};
