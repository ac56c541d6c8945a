/** What became of a message, from the events of its trace. Pure but for the words. */
import type { MessageTrace, MessageTraceEvent } from '../../api/types.ts';
import { known } from '../../app/language.svelte.ts';
import type { Tone } from '../../app/resource.ts';

export type Result =
  | 'delivered' | 'junk' | 'quarantine' | 'held' | 'deferred' | 'bounced' | 'expired' | 'rejected' | 'refused'
  | 'removed' | 'withdrawn' | 'waiting'; // prettier-ignore

const ENDS: Partial<Record<string, Result>> = {
  delivered: 'delivered', duplicate: 'delivered', filtered: 'delivered', handed: 'delivered', deferred: 'deferred',
  bounced: 'bounced', expired: 'expired', rejected: 'rejected', refused: 'refused', removed: 'removed',
  withdrawn: 'withdrawn', released: 'waiting', retried: 'waiting', rerouted: 'waiting', queued: 'waiting',
}; // prettier-ignore
const TONES: Partial<Record<Result, Tone>> = {
  delivered: 'ok', quarantine: 'bad', bounced: 'bad', expired: 'bad', rejected: 'bad', refused: 'bad',
  removed: 'quiet', withdrawn: 'quiet', junk: 'quiet',
}; // prettier-ignore

/** The check that judged it, if any did. */
export function checkOf(events: readonly MessageTraceEvent[]): MessageTraceEvent | undefined {
  return events.findLast(
    (one) => one.kind === 'checked' || (one.kind === 'rejected' && (one.reasons ?? []).length > 0),
  );
}

/** The last thing that decided where it is: what people did with their copies since is no part of it. */
export function resultOf(events: readonly MessageTraceEvent[]): Result {
  const last = events.findLast((one) => one.kind === 'held' || one.kind in ENDS);
  if (!last) return 'waiting';
  if (last.kind === 'held') return last.act === 'quarantine' ? 'quarantine' : 'held';
  const result = ENDS[last.kind] ?? 'waiting';
  return result === 'delivered' && checkOf(events)?.act === 'junk' ? 'junk' : result;
}

export const toneOf = (result: Result): Tone => TONES[result] ?? 'warn';

export function resultWords(one: Pick<MessageTrace, 'events'>): string {
  return known(`outcome.${resultOf(one.events)}`);
}

export const isHeldAsSpam = (one: Pick<MessageTrace, 'events'>): boolean => resultOf(one.events) === 'quarantine';
