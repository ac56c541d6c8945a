import TagIcon from '@lucide/svelte/icons/tag';
import { type Action, mayTo, targets } from './action.ts';
import { openMenu } from './open-menu.ts';

/** Opens the menu of tags of whichever toolbar is on the screen. */
export const tag: Action = {
  id: 'tag',
  label: () => 'tag.title',
  icon: TagIcon,
  keys: ['l'],
  enabled: () => targets().length > 0,
  may: () => mayTo('maySetKeywords'),
  run: () => openMenu('tag-menu'),
};
