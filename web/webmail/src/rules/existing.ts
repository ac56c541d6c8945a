/** A rule over the mail that is there: what it finds, and doing it, with a way back. */
import { foresee, type Foreseen } from '@smartmail/jmap/sieve.ts';
import type { EmailChange } from '@smartmail/jmap/change.ts';
import type { Id } from '@smartmail/jmap/types.ts';
import { connection } from '../app/connection.svelte.ts';
import { t } from '../app/language.svelte.ts';
import { notices } from '../app/notices.svelte.ts';
import { reportFailure } from '../app/perform.ts';
import { mailboxByRole } from '../app/records.svelte.ts';
import type { Rule } from './rule.ts';
import { scriptOf } from './script.ts';

export interface Found {
  done: number;
  of: number;
  found: number;
}

/** Looks through the newest of a mailbox; `told` says whether to go on. */
export async function findExisting(
  rule: Rule,
  mailboxId: Id,
  most: number,
  told: (state: Found) => boolean,
): Promise<Foreseen[]> {
  const { account } = connection;
  if (!account) return [];
  const ids = await account.allIds({ inMailbox: mailboxId }, most);
  told({ done: 0, of: ids.length, found: 0 });
  return foresee(account, scriptOf(rule), ids, (done, found) => told({ done, of: ids.length, found }));
}

/** Nothing is sent for mail that came before. */
export async function runOnExisting(foreseen: readonly Foreseen[], from: Id): Promise<void> {
  const { account } = connection;
  if (!account) return;
  const changes = new Map<Id, EmailChange>();
  for (const one of foreseen) {
    const change = changeOf(one, from);
    if (change) changes.set(one.id, change);
  }
  if (changes.size === 0) return;
  const pending = account.outbox.change(changes);
  try {
    await pending.done;
    notices.show(t('rules.ran', { count: changes.size }), {
      undo: () => {
        account.outbox.change(pending.undo).done.catch(reportFailure);
        notices.show(t('notice.undone'));
      },
    });
  } catch (error) {
    reportFailure(error);
  }
}

function changeOf(one: Foreseen, from: Id): EmailChange | null {
  const keywords = Object.fromEntries(Object.keys(one.keywords).map((name) => [name, true]));
  const change: EmailChange = Object.keys(keywords).length > 0 ? { keywords } : {};
  // A mailbox that is not there is made when new mail comes; old mail stays where it is.
  if (one.mailboxIds === null || one.missing.length > 0) return change.keywords ? change : null;
  const targets = Object.keys(one.mailboxIds);
  if (targets.length === 0) {
    const trash = mailboxByRole('trash');
    if (trash) targets.push(trash.id);
  }
  const moved = Object.fromEntries(targets.filter((id) => id !== from).map((id) => [id, true]));
  return { ...change, mailboxes: targets.includes(from) ? moved : { ...moved, [from]: false } };
}
