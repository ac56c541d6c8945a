import ArchiveIcon from '@lucide/svelte/icons/archive';
import { connection } from '../app/connection.svelte.ts';
import { shownByRole } from '../app/records.svelte.ts';
import { type Action, hereRole, mayTo, targets } from './action.ts';
import { moveTo } from './move.ts';

const offered = (): boolean => connection.account?.may('archiveKey') === true && shownByRole('archive') !== undefined;

/** Into 보관함, where a company has switched that on: to file is no verb of its own elsewhere. */
export const archive: Action = {
  id: 'archive',
  label: () => 'swipe.archive',
  icon: ArchiveIcon,
  keys: ['e'],
  enabled: () => targets(true).length > 0,
  may: () => offered() && hereRole() !== 'archive' && mayTo('mayRemoveItems'),
  async run() {
    const mailbox = shownByRole('archive');
    const ids = targets(true);
    if (mailbox && ids.length > 0) await moveTo(mailbox, ids);
  },
};
