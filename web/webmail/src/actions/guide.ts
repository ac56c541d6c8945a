import CircleQuestionMark from '@lucide/svelte/icons/circle-question-mark';
import type { Action } from './action.ts';

export const guide: Action = {
  id: 'guide',
  label: () => 'action.guide',
  icon: CircleQuestionMark,
  keys: [],
  enabled: () => true,
  run: async () => (await import('../app/guide.ts')).openGuide(),
};
