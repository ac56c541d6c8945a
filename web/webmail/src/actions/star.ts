import Star from '@lucide/svelte/icons/star';
import type { Id } from '@smartmail/jmap/types.ts';
import { perform } from '../app/perform.ts';
import { type Action, known, mayTo, targets } from './action.ts';

const allStarred = (ids: Id[]): boolean => {
  const emails = known(ids);
  return emails.length > 0 && emails.every((email) => email.keywords.$flagged);
};

export function setStar(ids: Id[], on: boolean): Promise<void> {
  return perform({ ids, change: { keywords: { $flagged: on } }, leaves: false });
}

export const star: Action = {
  id: 'star',
  label: () => (allStarred(targets()) ? 'action.unstar' : 'action.star'),
  icon: Star,
  keys: ['s'],
  enabled: () => targets().length > 0,
  may: () => mayTo('maySetKeywords'),
  run() {
    const ids = targets(true);
    return setStar(ids, !allStarred(ids));
  },
};
