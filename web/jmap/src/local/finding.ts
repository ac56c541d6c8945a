/** Which of the messages kept here a filter finds. Pure; what it does not know of a filter it lets pass by no message. */
import type { EmailCondition, EmailFilter } from '../methods.ts';
import type { Email, Id } from '../types.ts';

/** Words of bodies, as far as they are kept. */
export type TextOf = (id: Id) => string;

export function matches(email: Email, filter: EmailFilter | null | undefined, textOf: TextOf): boolean {
  if (!filter) return true;
  if (!('operator' in filter))
    return Object.entries(filter).every(([name, value]) => holds(email, name, value, textOf));
  const each = (condition: EmailFilter): boolean => matches(email, condition, textOf);
  if (filter.operator === 'AND') return filter.conditions.every(each);
  if (filter.operator === 'OR') return filter.conditions.some(each);
  return !filter.conditions.some(each);
}

type Name = keyof EmailCondition;
const TESTS: { [N in Name]?: (email: Email, value: never, textOf: TextOf) => boolean } = {
  inMailbox: (email, id: Id) => id in email.mailboxIds,
  inMailboxOtherThan: (email, ids: Id[]) => Object.keys(email.mailboxIds).some((id) => !ids.includes(id)),
  hasKeyword: (email, keyword: string) => keyword in email.keywords,
  notKeyword: (email, keyword: string) => !(keyword in email.keywords),
  hasAttachment: (email, wanted: boolean) => email.hasAttachment === wanted,
  after: (email, date: string) => email.receivedAt >= date,
  before: (email, date: string) => email.receivedAt < date,
  text: (email, words: string, textOf) => hasWords(email, words, textOf),
  // Without the server, operators are words like others: `from:kim` looks for kim.
  line: (email, words: string, textOf) => hasWords(email, words.replace(/(^|\s)[\p{L}]+:/gu, ' '), textOf),
  timeZone: () => true,
};

function holds(email: Email, name: string, value: unknown, textOf: TextOf): boolean {
  const test = TESTS[name as Name] as ((email: Email, value: unknown, textOf: TextOf) => boolean) | undefined;
  return test?.(email, value, textOf) ?? false;
}

function hasWords(email: Email, words: string, textOf: TextOf): boolean {
  const people = [...(email.from ?? []), ...(email.to ?? []), ...(email.cc ?? [])];
  const names = people.map((one) => `${one.name ?? ''} ${one.email}`).join(' ');
  const head = `${email.subject ?? ''} ${names} ${email.preview}`;
  const wanted = words
    .normalize('NFC')
    .toLowerCase()
    .split(/[\s"()]+/)
    .filter((word) => word !== '');
  const text = (): string => `${head} ${textOf(email.id)}`.normalize('NFC').toLowerCase();
  return wanted.length > 0 && wanted.every((word) => text().includes(word));
}

/** Newest first; one of each conversation where asked for (RFC 8621 §4.4.3). */
export function ordered(emails: Iterable<Email>, collapseThreads = false): Email[] {
  const sorted = [...emails].sort((one, other) =>
    one.receivedAt === other.receivedAt ? other.id.localeCompare(one.id) : one.receivedAt < other.receivedAt ? 1 : -1,
  );
  if (!collapseThreads) return sorted;
  const seen = new Set<Id>();
  return sorted.filter((email) => !seen.has(email.threadId) && seen.add(email.threadId));
}
