/** The numbers beside the places of the rail. Pure. */
import type { Overview } from '../api/types.ts';
import type { Ranked } from './need.ts';
import type { EntryId } from './places.ts';

export interface Badge {
  number: number;
  /** `act`: waits for somebody; `bad`: urgent; `quiet`: there is so much. */
  tone: 'bad' | 'act' | 'quiet';
}

export function badgesOf(told: Overview | null, now: Ranked | null): Partial<Record<EntryId, Badge>> {
  const badges: Partial<Record<EntryId, Badge>> = {};
  const put = (entry: EntryId, number: number, tone: Badge['tone']): void => {
    if (number > 0) badges[entry] = { number, tone };
  };
  const urgent = now?.needs.filter((one) => one.level === 'critical') ?? [];
  put('now', now?.needs.length ?? 0, urgent.length > 0 ? 'bad' : 'act');
  put('approvals', (told?.approvals ?? 0) + (told?.proposals ?? 0), 'act');
  put('queue', told?.queue ?? 0, urgent.some((one) => one.page === 'queue') ? 'bad' : 'quiet');
  put('spam', told?.quarantine ?? 0, 'quiet');
  return badges;
}
