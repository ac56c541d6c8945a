import Undo2 from '@lucide/svelte/icons/undo-2';
import { notices } from '../app/notices.svelte.ts';
import type { Action } from './action.ts';

export const undo: Action = {
  id: 'undo',
  label: () => 'action.undo',
  icon: Undo2,
  keys: ['z', 'Mod+z'],
  enabled: () => notices.canUndo,
  run: () => void notices.undoLast(),
};
