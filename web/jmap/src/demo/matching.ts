/** Which messages of the demo a filter finds. */
import type { EmailCondition, EmailFilter } from '../methods.ts';
import { type DemoMessage, emailOf, threadOf } from './corpus.ts';
import { matchesLine } from './lines.ts';
import type { Id } from '../types.ts';

export function matches(
  message: DemoMessage,
  filter: EmailFilter | null,
  caredFor: (message: DemoMessage) => string,
): boolean {
  if (!filter) return true;
  if ('operator' in filter) return filter.conditions.every((condition) => matches(message, condition, caredFor));
  if (filter.assignment !== undefined && filter.assignment !== caredFor(message)) return false;
  return matchesPlace(message, filter) && matchesWords(message, filter);
}

function matchesPlace(message: DemoMessage, filter: EmailCondition): boolean {
  if (filter.inMailbox !== undefined && !(filter.inMailbox in message.mailboxIds)) return false;
  if (
    filter.inMailboxOtherThan &&
    Object.keys(message.mailboxIds).every((id) => filter.inMailboxOtherThan?.includes(id))
  )
    return false;
  if (filter.after !== undefined && receivedOf(message) < filter.after) return false;
  if (filter.before !== undefined && receivedOf(message) >= filter.before) return false;
  if (filter.hasKeyword !== undefined && !(filter.hasKeyword in message.keywords)) return false;
  return filter.notKeyword === undefined || !(filter.notKeyword in message.keywords);
}

function receivedOf(message: DemoMessage): string {
  return new Date(message.receivedAt).toISOString();
}

function matchesWords(message: DemoMessage, filter: EmailCondition): boolean {
  if (filter.hasAttachment === undefined && filter.text === undefined && filter.line === undefined) return true;
  const email = emailOf(message);
  if (filter.hasAttachment !== undefined && email.hasAttachment !== filter.hasAttachment) return false;
  if (filter.line !== undefined && !matchesLine(email, filter.line)) return false;
  if (filter.text === undefined) return true;
  const people = [...(email.from ?? []), ...(email.to ?? [])].map((one) => `${one.name} ${one.email}`).join(' ');
  return `${email.subject} ${people} ${email.preview}`.toLowerCase().includes(filter.text.toLowerCase());
}

/** RFC 8621 §4.4.3: of each conversation the message that comes first. */
export function newestOfThreads(messages: DemoMessage[]): DemoMessage[] {
  const seen = new Set<Id>();
  return messages.filter((message) => {
    const thread = threadOf(message);
    return !seen.has(thread) && seen.add(thread);
  });
}
