import ReplyAll from '@lucide/svelte/icons/reply-all';
import { answer } from '../app/letters.ts';
import { type Action, target } from './action.ts';

export const replyAll: Action = {
  id: 'reply-all',
  label: () => 'action.replyAll',
  icon: ReplyAll,
  keys: ['a'],
  enabled: () => target() !== null,
  async run() {
    const id = target();
    if (id !== null) await answer(id, 'replyAll');
  },
};
