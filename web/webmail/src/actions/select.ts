import SquareCheck from '@lucide/svelte/icons/square-check';
import { listing } from '../app/listing.svelte.ts';
import type { Action } from './action.ts';

export const select: Action = {
  id: 'select',
  label: () => 'action.select',
  icon: SquareCheck,
  keys: ['x'],
  enabled: () => listing.cursor >= 0,
  run() {
    const id = listing.idAt(listing.cursor);
    if (id !== undefined) listing.toggle(id);
  },
};

export const selectAll: Action = {
  id: 'select-all',
  label: () => 'action.selectAll',
  icon: SquareCheck,
  keys: ['Mod+a'],
  enabled: () => listing.total > 0,
  run: () => listing.checkLoaded(),
};

export const extendDown = extend('extend-down', 'Shift+ArrowDown', 1);
export const extendUp = extend('extend-up', 'Shift+ArrowUp', -1);

function extend(id: string, key: string, by: 1 | -1): Action {
  return {
    id,
    label: () => 'action.select',
    icon: SquareCheck,
    keys: [key],
    onlyKeys: true,
    enabled: () => listing.cursor >= 0,
    run() {
      const here = listing.idAt(listing.cursor);
      if (listing.checked.size === 0 && here !== undefined) listing.toggle(here, true);
      listing.moveTo(listing.cursor + by);
      listing.extendTo(listing.cursor);
    },
  };
}
