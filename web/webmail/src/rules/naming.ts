/** What a rule is called until somebody calls it otherwise: whose mail, or which, and what is done with it. */
import { t } from '../app/language.svelte.ts';
import { nameOf } from '../app/mailboxes.svelte.ts';
import { allMailboxes, mailboxByRole } from '../app/records.svelte.ts';
import { type Action, type Condition, isGroup, type Rule, type Test } from './rule.ts';

/** People by their address, in lower case. */
export type Names = Readonly<Record<string, string>>;
const LONGEST = 80;

/** Empty while the conditions say nothing yet. */
export function nameFor(rule: Rule, names: Names): string {
  const which = rule.tests.map((test) => whichOf(test, names)).filter((word) => word !== '');
  if (which.length === 0) return '';
  const done = rule.actions.map(doneOf).find((word) => word !== '');
  return [which.join(', '), done].filter(Boolean).join(' → ').slice(0, LONGEST);
}

function whichOf(test: Test, names: Names): string {
  const conditions = (isGroup(test) ? test.conditions : [test]).filter(({ value }) => value.trim() !== '');
  const senders = conditions.filter(({ field, op }) => field === 'from' && (op === 'is' || op === 'contains'));
  if (senders.length > 0 && senders.length === conditions.length)
    return t('rules.mailOf', {
      who: [...new Set(senders.map(({ value }) => names[value.toLowerCase()] ?? value))].join(', '),
    });
  // The same word looked for in two places is said once.
  return [...new Set(conditions.map((one) => wordsOf(one, isGroup(test), names)))].join(', ');
}

function wordsOf({ field, value }: Condition, several: boolean, names: Names): string {
  if (field === 'header') return names[value.toLowerCase()] ?? value;
  return several ? `‘${value}’` : `${t(`ruleField.${field}`)} ‘${value}’`;
}

function doneOf(action: Action): string {
  if (action.kind === 'trash') {
    const trash = mailboxByRole('trash');
    return trash ? nameOf(trash) : '';
  }
  if (action.kind === 'forward') return action.address;
  if (action.kind !== 'move' && action.kind !== 'copy') return t(`ruleAct.${action.kind}`);
  const mailbox = allMailboxes().find(({ id }) => id === action.mailboxId);
  return mailbox ? nameOf(mailbox) : action.mailbox;
}
