import Search from '@lucide/svelte/icons/search';
import { chrome } from '../app/chrome.svelte.ts';
import type { Action } from './action.ts';

export const search: Action = {
  id: 'search',
  label: () => 'action.search',
  icon: Search,
  keys: ['/', 'Mod+k'],
  enabled: () => true,
  run: () => chrome.openSearch(),
};
