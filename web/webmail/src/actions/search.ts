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
    if (place.section !== null) place.go({});
    chrome.openSearch();
  },
};
