import TagIcon from '@lucide/svelte/icons/tag';
import { type Action, mayTo, targets } from './action.ts';

/** Opens the menu of tags of whichever toolbar is on the screen. */
export const tag: Action = {
  id: 'tag',
  label: () => 'tag.title',
  icon: TagIcon,
  keys: ['l'],
  enabled: () => targets().length > 0,
  may: () => mayTo('maySetKeywords'),
  run() {
    const menus = [...document.querySelectorAll<HTMLButtonElement>('.tag-menu button[popovertarget]')];
    menus.findLast((button) => button.checkVisibility({ visibilityProperty: true }))?.click();
  },
};
