import Ban from '@lucide/svelte/icons/ban';
import type { Records } from '@smartmail/jmap/records.ts';
import type { Id } from '@smartmail/jmap/types.ts';
import { connection } from '../app/connection.svelte.ts';
import { t } from '../app/language.svelte.ts';
import { notices } from '../app/notices.svelte.ts';
import { reportFailure } from '../app/perform.ts';
import { type Action, known, targets } from './action.ts';

export interface SenderRule {
  id: Id;
  action: 'allow' | 'block';
  kind: string;
  subject: string;
  createdAt: string;
  expiresAt: string | null;
  hits: number;
  lastHitAt: string | null;
}

export const senderRules = (): Records<SenderRule> | undefined =>
  connection.account?.records<SenderRule>('SenderRule', { changes: false });

/** From now on mail of these senders goes where blocked mail goes. */
export const block: Action = {
  id: 'block',
  label: () => 'action.block',
  icon: Ban,
  keys: [],
  enabled: () => targets().length > 0,
  async run() {
    await blockSenders(known(targets(true)).flatMap((email) => email.from?.map((from) => from.email) ?? []));
  },
};

export async function blockSenders(addresses: readonly string[]): Promise<void> {
  const senders = new Set(addresses.map((one) => one.toLowerCase()));
  const rules = senderRules();
  if (!rules || senders.size === 0) return;
  try {
    const made = await Promise.all(
      [...senders].map((subject) => rules.create({ action: 'block', kind: 'address', subject })),
    );
    const undo = (): void => {
      for (const rule of made) rules.destroy(rule.id).done.catch(reportFailure);
      notices.show(t('notice.undone'));
    };
    notices.show(t('notice.blocked', { count: made.length, name: [...senders].join(', ') }), { undo });
  } catch (error) {
    reportFailure(error);
  }
}
