import Command from '@lucide/svelte/icons/command';
import { chrome } from '../app/chrome.svelte.ts';
import type { Action } from './action.ts';

export const palette: Action = {
  id: 'palette',
  label: () => 'action.palette',
  icon: Command,
  keys: ['Mod+k'],
  enabled: () => true,
  onlyKeys: true,
  run: () => void (chrome.palette = true),
};
