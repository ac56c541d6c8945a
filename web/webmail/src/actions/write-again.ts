import NotebookPen from '@lucide/svelte/icons/notebook-pen';
import Repeat from '@lucide/svelte/icons/repeat-2';
import { sendAgain, writeLetter } from '../app/letters.ts';
import { type Action, target } from './action.ts';

/** 다시 보내기: the same letter to begin with. */
export const resend: Action = {
  id: 'resend',
  label: () => 'action.resend',
  icon: Repeat,
  keys: [],
  enabled: () => target() !== null,
  async run() {
    const id = target();
    if (id !== null) await sendAgain(id);
  },
};

/** 내게쓰기. */
export const memo: Action = {
  id: 'memo',
  label: () => 'action.memo',
  icon: NotebookPen,
  keys: [],
  enabled: () => true,
  run: () => writeLetter({ options: { memo: true }, signed: true }),
};
