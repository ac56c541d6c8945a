/** Words for approvals that several parts say. */
import type { MessageKey } from '@smartmail/i18n/translate.ts';
import { shortDate } from '../app/format.svelte.ts';
import { t } from '../app/language.svelte.ts';
import { type Approval, type ApprovalActName, type ApprovalState, isOpen } from './book.svelte.ts';

/** Of mail that was sent first. */
const STATE_AFTER: Partial<Record<ApprovalState, MessageKey>> = {
  waiting: 'approval.stateAfter.waiting',
  approved: 'approval.stateAfter.approved',
  rejected: 'approval.stateAfter.rejected',
};
const ACT_AFTER: Partial<Record<ApprovalActName, MessageKey>> = {
  ask: 'approval.actAfter.ask',
  approve: 'approval.actAfter.approve',
  reject: 'approval.actAfter.reject',
};

export function toneOf({ state }: Approval): 'plain' | 'warn' | 'bad' | 'ok' {
  if (state === 'waiting' || state === 'held') return 'warn';
  if (state === 'approved' || state === 'released') return 'ok';
  return state === 'withdrawn' ? 'plain' : 'bad';
}

/** 승인 대기 · 1/2단계 */
export function stateText(one: Approval): string {
  if (one.asksSender && one.mayDecide) return t('approval.state.asksSender');
  if (one.kind === 'misdelivery' && one.state === 'approved') return t('approval.state.confirmed');
  const state = t((one.afterwards && STATE_AFTER[one.state]) || `approval.state.${one.state}`);
  return one.state === 'waiting' && one.steps > 1
    ? `${state} · ${t('approval.step', { step: one.step + 1, steps: one.steps })}`
    : state;
}

/** It was sent, and its time is over without a decision: it goes on waiting. */
export const isOverdue = (one: Approval): boolean =>
  one.afterwards && isOpen(one) && Date.parse(one.expiresAt) <= Date.now();

/** What was done, in words that differ for mail that has left. */
export function actText(one: Approval, act: ApprovalActName): string {
  return t((one.afterwards && ACT_AFTER[act]) || `approval.act.${act}`);
}

/** Until when it is decided, or when it was. */
export function timeText(one: Approval): string {
  if (isOverdue(one)) return t('approval.overdue');
  if (isOpen(one)) return t('approval.until', { time: shortDate(one.expiresAt) });
  return shortDate(one.decidedAt ?? one.askedAt);
}
