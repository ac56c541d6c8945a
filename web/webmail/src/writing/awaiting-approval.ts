/** 승인: who has to approve a letter and why, asked before it goes and told when it waits. */
import type { WaitsFor } from '@smartmail/jmap/submitting.ts';
import { confirm } from '../app/confirm.svelte.ts';
import { connection } from '../app/connection.svelte.ts';
import { t } from '../app/language.svelte.ts';
import type { Draft } from './draft.svelte.ts';

/** A letter does not wait longer for advice. */
const PATIENCE_MS = 5_000;
const MOST_NAMES = 3;

/** Who decides: people by name, else the approval line, else the administrators. */
export function approversOf({ approvers, line }: WaitsFor): string {
  if (approvers.length === 0) return line || t('approval.administrators');
  const names = approvers.slice(0, MOST_NAMES).join(', ');
  return approvers.length > MOST_NAMES ? t('approval.more', { names, count: approvers.length - MOST_NAMES }) : names;
}

function whyOf({ kind, text }: WaitsFor['reasons'][number]): string {
  if (kind === 'label') return t('approval.why.label', { name: text });
  if (kind === 'lowered') return t('approval.why.lowered', { change: text });
  if (kind === 'limit') return t('approval.why.limit');
  return text === 'uninspectable' ? t('approval.why.unread') : t('approval.why.rule', { name: text });
}

/** Null: it waits for nothing, or the server did not say so in time. */
async function foreseen(draft: Draft): Promise<WaitsFor | null> {
  const { account } = connection;
  if (!account) return null;
  if (draft.saving !== 'saved') await draft.save();
  if (draft.draftId === null) return null;
  const asked = account.pipeline.send<{ approval: WaitsFor | null }>('EmailSubmission/check', {
    emailId: draft.draftId,
  });
  return (await asked.result).approval;
}

/** Whether it goes although it will wait; most letters are not asked about. */
export async function mayWait(draft: Draft): Promise<boolean> {
  // A draft of a team lies in another account, and the server judges it when it is sent.
  const asks = connection.account?.capability<boolean>('mailMayWait') === true || draft.options.lowerReason !== '';
  if (!asks || draft.team) return true;
  const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), PATIENCE_MS));
  const found = await Promise.race([foreseen(draft).catch(() => null), late]);
  if (!found) return true;
  const { afterwards } = found;
  const then = t(afterwards ? 'approval.afterSent' : 'approval.after', { name: approversOf(found) });
  const text = [...found.reasons.map(whyOf), then].join(' ');
  const title = t(afterwards ? 'approval.afterNeeded' : 'approval.needed');
  return confirm({ title, text, verb: t(afterwards ? 'action.send' : 'approval.ask'), calm: true });
}

export const waitingNotice = (found: WaitsFor): string =>
  t(found.afterwards ? 'approval.afterSent' : 'approval.waits', { name: approversOf(found) });
