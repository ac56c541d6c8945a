/** Works on volumes in words: how far, and how long it will take if it goes on like this. */
import type { Volume, VolumeWork } from '../api/types.ts';
import { known, t } from './language.svelte.ts';
import { count } from './show.ts';

export function workWords(work: VolumeWork | null): string {
  if (work === null) return '';
  const percent = work.state === 'done' ? '' : ` ${count(work.percent)} %`;
  return `${known(`volumeWork.${work.kind}`)} · ${known(`workState.${work.state}`)}${percent}`;
}

/** Minutes that a running work still needs, null where nobody can say. */
export function minutesLeft(work: VolumeWork, now: number = Date.now()): number | null {
  const spent = now - Date.parse(work.startedAt);
  if (work.state !== 'running' || work.octets <= 0 || spent <= 0 || work.percent <= 0) return null;
  return Math.max(1, Math.ceil((spent * (100 - work.percent)) / work.percent / 60_000));
}

export function left(work: VolumeWork): string {
  const minutes = minutesLeft(work);
  return minutes === null ? '' : t('volumes.left', { minutes: count(minutes) });
}

export function percentFree(row: Pick<Volume, 'free' | 'total' | 'away'>): string {
  if (row.free === null || row.total === null || row.total === 0) return row.away ? '' : t('volumes.unbounded');
  return `${count(Math.floor((row.free * 100) / row.total))} %`;
}

export function whole(days: number | null): string {
  return days === null ? '' : count(Math.floor(days));
}
