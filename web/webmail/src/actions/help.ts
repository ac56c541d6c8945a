import Keyboard from '@lucide/svelte/icons/keyboard';
import { chrome } from '../app/chrome.svelte.ts';
import type { Action } from './action.ts';

export const help: Action = {
  id: 'help',
  label: () => 'action.help',
  icon: Keyboard,
  keys: ['?'],
  enabled: () => true,
  run: () => void (chrome.help = true),
};
