import SquarePen from '@lucide/svelte/icons/square-pen';
import { writeLetter } from '../app/letters.ts';
import type { Action } from './action.ts';

export const compose: Action = {
  id: 'compose',
  label: () => 'action.compose',
  icon: SquarePen,
  keys: ['c'],
  enabled: () => true,
  run: () => writeLetter(),
};
