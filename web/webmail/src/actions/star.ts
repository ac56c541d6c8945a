import Star from '@lucide/svelte/icons/star';
import type { Id } from '@smartmail/jmap/types.ts';
import { t } from '../app/language.svelte.ts';
import { perform } from '../app/perform.ts';
import { type StarColour, starKeywords } from '../app/stars.ts';
import { type Action, known, mayTo, targets } from './action.ts';

const allStarred = (ids: Id[]): boolean => {
  const emails = known(ids);
  return emails.length > 0 && emails.every((email) => email.keywords.$flagged);
};

export function setStar(ids: Id[], on: boolean): Promise<void> {
  return perform({ ids, change: { keywords: starKeywords(on ? 'plain' : null) }, leaves: false });
}

/** With a way back: the colours that the messages had are not to be seen any more. */
export function colourStar(ids: Id[], colour: StarColour | null): Promise<void> {
  return perform({
    ids,
    change: { keywords: starKeywords(colour) },
    leaves: false,
    notice: () => t('star.changed'),
  });
}

/** What pressing the star would do, and which colour it has: a colour alone tells nothing to many people. */
export function starLabel(colour: StarColour | null): string {
  if (colour === null) return t('action.star');
  return colour === 'plain' ? t('action.unstar') : `${t('action.unstar')} (${t(`star.${colour}`)})`;
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
