import Forward from '@lucide/svelte/icons/forward';
import { answer } from '../app/letters.ts';
import { type Action, target } from './action.ts';

export const forward: Action = {
  id: 'forward',
  label: () => 'action.forward',
  icon: Forward,
  keys: ['f'],
  enabled: () => target() !== null,
  async run() {
    const id = target();
    if (id !== null) await answer(id, 'forward');
  },
};
