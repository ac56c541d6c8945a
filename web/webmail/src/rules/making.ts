/** A new rule over whatever is on the screen: from mail, or from a search. The person stays where they are. */
import type { Email, Id } from '@smartmail/jmap/types.ts';
import { mount, unmount } from 'svelte';
import { connection } from '../app/connection.svelte.ts';
import { lazyAction } from '../app/lazy-action.ts';
import { t } from '../app/language.svelte.ts';
import { flatten, nameOf, ownTree } from '../app/mailboxes.svelte.ts';
import { notices } from '../app/notices.svelte.ts';
import type { Basis } from './from-mail.ts';
import { testsOf } from './from-search.ts';
import { nameFor, type Names } from './naming.ts';
import type { Action, Rule, Test } from './rule.ts';

const LIST_ID = 'header:List-Id:asText';

/** Sorting into a mailbox of the person's own, where there is one. */
export function newRule(tests: Test[], names: Names = {}, mailboxId?: Id): Rule {
  const own = flatten(ownTree()).map(({ mailbox }) => mailbox);
  const into = own.find(({ id }) => id === mailboxId) ?? own[0];
  const action: Action = into ? { kind: 'move', mailboxId: into.id, mailbox: nameOf(into) } : { kind: 'star' };
  const rule: Rule = {
    id: crypto.randomUUID(),
    name: '',
    on: true,
    match: 'all',
    tests,
    actions: [action],
    stop: true,
  };
  return { ...rule, name: nameFor(rule, names) };
}

export async function ruleFromMail(emails: readonly Email[]): Promise<void> {
  const { basesOf } = await import('./from-mail.ts');
  const { bases, names } = basesOf(emails, await listHeaderOf(emails));
  const [first] = bases;
  if (first) await open(newRule(first.tests, names, whereOthersLie(emails)), bases, names);
}

export async function ruleFromSearch(line: string): Promise<void> {
  const { tests, left } = testsOf(line);
  if (tests.length > 0) await open(newRule(tests), [], {});
  if (left.length > 0) notices.show(t('rules.leftOut', { parts: left.join(', ') }));
}

async function open(rule: Rule, bases: readonly Basis[], names: Names): Promise<void> {
  const code = await lazyAction(import('./NewRule.svelte'));
  if (!code) return;
  const shown = mount(code.default, {
    target: document.body,
    props: { rule, bases, names, onclose: () => void unmount(shown) },
  });
}

/** Only one message tells its list; without an answer its sender is known still. */
async function listHeaderOf(emails: readonly Email[]): Promise<string | null> {
  const [email, ...others] = emails;
  const { account } = connection;
  if (!account || !email || others.length > 0) return null;
  const ask = { ids: [email.id], properties: [LIST_ID] };
  const answer = account.pipeline.send<{ list: Record<string, string | null>[] }>('Email/get', ask).result;
  return answer.then(
    ({ list }) => list[0]?.[LIST_ID] ?? null,
    () => null,
  );
}

/** The own mailbox in which most of what these people sent is kept, as far as this page has seen it. */
function whereOthersLie(emails: readonly Email[]): Id | undefined {
  const senders = new Set(emails.flatMap((email) => email.from ?? []).map(({ email }) => email.toLowerCase()));
  const times = new Map(flatten(ownTree()).map(({ mailbox }) => [mailbox.id, 0]));
  for (const email of connection.account?.emails.values() ?? []) {
    if (!email.from?.some((one) => senders.has(one.email.toLowerCase()))) continue;
    for (const id of Object.keys(email.mailboxIds)) if (times.has(id)) times.set(id, (times.get(id) ?? 0) + 1);
  }
  const [most] = [...times].sort(([, one], [, other]) => other - one);
  return most && most[1] > 0 ? most[0] : undefined;
}
