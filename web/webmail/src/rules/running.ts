/** A rule over the mail of the inbox that is there already, with a way back. */
import { confirm } from '../app/confirm.svelte.ts';
import { connection } from '../app/connection.svelte.ts';
import { number } from '../app/format.svelte.ts';
import { t } from '../app/language.svelte.ts';
import { notices } from '../app/notices.svelte.ts';
import { mailboxByRole } from '../app/records.svelte.ts';
import type { RuleBook } from './book.svelte.ts';
import { findExisting, runOnExisting } from './existing.ts';
import type { Rule } from './rule.ts';

/** The newest of a mailbox that one run looks through. */
const MOST = 100_000;

/** Keeps a rule; `now`: it is done with the mail that is there as well, which was asked for and needs no second question. */
export async function keepRule(book: RuleBook, rule: Rule, now: boolean, notice: string): Promise<boolean> {
  if (!(await book.put(rule, notice))) return false;
  if (now) void runNow(rule, () => Promise.resolve(true));
  return true;
}

/** Says how many there are, and asks. */
export function runAsked(rule: Rule): Promise<void> {
  return runNow(rule, (found) =>
    confirm({
      title: t('rules.runTitle', { name: rule.name }),
      text: t('rules.runText', { found: number(found) }),
      verb: t('rules.runVerb'),
    }),
  );
}

async function runNow(rule: Rule, sure: (found: number) => Promise<boolean>): Promise<void> {
  const inbox = mailboxByRole('inbox');
  if (!inbox) return;
  const shown = notices.show(t('rules.searching', { done: 0, of: 0 }), { stays: true });
  try {
    const found = await findExisting(rule, inbox.id, MOST, ({ done, of }) => {
      notices.change(shown, t('rules.searching', { done: number(done), of: number(of) }));
      return true;
    });
    notices.close(shown);
    const acts = found.filter((one) => one.mailboxIds !== null || Object.keys(one.keywords).length > 0);
    if (acts.length === 0) return void notices.show(t('rules.ranNone'));
    if (await sure(acts.length)) await runOnExisting(acts, inbox.id);
  } catch (error) {
    notices.close(shown);
    connection.failed(error);
    notices.show(t('error.refused'), { tone: 'bad' });
  }
}
