/** What of a message can be a rule: its sender, the list that it came by, words of its subject. Pure. */
import { displayName } from '@smartmail/jmap/addresses.ts';
import type { Email } from '@smartmail/jmap/types.ts';
import type { Names } from './naming.ts';
import type { Condition, Test } from './rule.ts';

export type BasisId = 'list' | 'sender' | 'subject';
export interface Basis {
  id: BasisId;
  tests: Test[];
}

/** `List-Id: 사내 소식 <news.example>` (RFC 2919): the id is what stays the same. */
export function listOf(header: string | null | undefined): { id: string; name: string } | null {
  const [, name = '', id = ''] = /^([^<]*)<([^<>\s]+)>\s*$/.exec(header?.trim() ?? '') ?? [];
  return id === '' ? null : { id, name: name.trim().replaceAll('"', '') || id };
}

/** The part in front that mails of one matter share, as `[견적 회신]`; else all of it, without `Re:`. */
export function subjectWords(subject: string | null): string {
  const plain = (subject ?? '')
    .replace(/^(?:\s*(?:re|fwd?|fw|회신|답장|전달|回复|答复|转发|回覆|轉寄|返信|転送)\s*[:：])+/i, '')
    .trim();
  return /^\[([^\]]{2,})\]/.exec(plain)?.[1]?.trim() ?? plain;
}

const together = (conditions: Condition[]): Test[] =>
  conditions.length > 1 ? [{ match: 'any', conditions }] : conditions;

/** The likeliest first. `list`: the header of the one message, where it has one. */
export function basesOf(emails: readonly Email[], list?: string | null): { bases: Basis[]; names: Names } {
  const senders = new Map(emails.flatMap((email) => email.from ?? []).map((one) => [one.email.toLowerCase(), one]));
  const names: Record<string, string> = {};
  for (const [email, one] of senders) names[email] = displayName(one);
  const bases: Basis[] = [];
  const came = emails.length === 1 ? listOf(list) : null;
  if (came) {
    names[came.id.toLowerCase()] = came.name;
    bases.push({ id: 'list', tests: [{ field: 'header', header: 'List-Id', op: 'contains', value: came.id }] });
  }
  if (senders.size > 0) {
    const from = [...senders.values()].map(({ email }): Condition => ({ field: 'from', op: 'is', value: email }));
    bases.push({ id: 'sender', tests: together(from) });
  }
  const words = [...new Set(emails.map(({ subject }) => subjectWords(subject)).filter((one) => one !== ''))];
  const about = words.map((value): Condition => ({ field: 'subject', op: 'contains', value }));
  if (about.length > 0) bases.push({ id: 'subject', tests: together(about) });
  return { bases, names };
}
