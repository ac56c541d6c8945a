/** The numbers beside the places of the rail. Pure. */
import type { Overview } from '../api/types.ts';
import type { EntryId } from './places.ts';

export interface Badge {
  number: number;
  /** `act`: waits for somebody; `bad`: urgent; `quiet`: there is so much. */
  tone: 'bad' | 'act' | 'quiet';
}

export function badgesOf(told: Overview | null): Partial<Record<EntryId, Badge>> {
  if (told === null) return {};
  const badges: Partial<Record<EntryId, Badge>> = {};
  const put = (entry: EntryId, number: number | null, tone: Badge['tone']): void => {
    if (number) badges[entry] = { number, tone };
  };
  put('approvals', (told.approvals ?? 0) + (told.proposals ?? 0), 'act');
  put('queue', told.queue, 'quiet');
  put('spam', told.quarantine, 'quiet');
  return badges;
}
