import Reply from '@lucide/svelte/icons/reply';
import { answer } from '../app/letters.ts';
import { type Action, target } from './action.ts';

export const reply: Action = {
  id: 'reply',
  label: () => 'action.reply',
  icon: Reply,
  keys: ['r'],
  enabled: () => target() !== null,
  async run() {
    const id = target();
    if (id !== null) await answer(id, 'reply');
  },
};
