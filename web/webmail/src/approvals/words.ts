/** Words for approvals that several parts say. */
import { shortDate } from '../app/format.svelte.ts';
import { t } from '../app/language.svelte.ts';
import { type Approval, isOpen } from './book.svelte.ts';

export function toneOf({ state }: Approval): 'plain' | 'warn' | 'bad' | 'ok' {
  if (state === 'waiting' || state === 'held') return 'warn';
  if (state === 'approved' || state === 'released') return 'ok';
  return state === 'withdrawn' ? 'plain' : 'bad';
}

/** 승인 대기 · 1/2단계 */
export function stateText(one: Approval): string {
  const state = t(`approval.state.${one.state}`);
  return one.state === 'waiting' && one.steps > 1
    ? `${state} · ${t('approval.step', { step: one.step + 1, steps: one.steps })}`
    : state;
}

/** Until when it is decided, or when it was. */
export function timeText(one: Approval): string {
  if (isOpen(one)) return t('approval.until', { time: shortDate(one.expiresAt) });
  return shortDate(one.decidedAt ?? one.askedAt);
}
