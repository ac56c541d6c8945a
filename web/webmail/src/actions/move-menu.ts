import FolderInput from '@lucide/svelte/icons/folder-input';
import { type Action, mayTo, targets } from './action.ts';
import { openMenu } from './open-menu.ts';

/** Opens the menu of mailboxes of whichever toolbar is on the screen. */
export const moveMenu: Action = {
  id: 'move',
  label: () => 'action.move',
  icon: FolderInput,
  keys: ['v'],
  enabled: () => targets().length > 0,
  may: () => mayTo('mayRemoveItems'),
  run: () => openMenu('move-menu'),
};
