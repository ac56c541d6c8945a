import Search from '@lucide/svelte/icons/search';
import { chrome } from '../app/chrome.svelte.ts';
import { place } from '../app/place.svelte.ts';
import type { Action } from './action.ts';

export const search: Action = {
  id: 'search',
  label: () => 'action.search',
  icon: Search,
  keys: ['/'],
  enabled: () => true,
  run() {
    // Without a search line on the screen, as on a phone, it is a place beyond mail that hides it.
    if (place.section !== null && chrome.focusSearch === null) place.go({});
    chrome.openSearch();
  },
};
