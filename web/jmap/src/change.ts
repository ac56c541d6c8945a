/**
 * Changes to Email objects as values: what a change does to a record, to the counters of
 * mailboxes, and how it is written on the wire (a JMAP patch). Pure.
 */
import type { PatchObject } from './methods.ts';
import type { EmailRow, Id } from './types.ts';

export interface EmailChange {
  /** Keyword → set or cleared. */
  keywords?: Record<string, boolean>;
  /** Mailbox → placed in or taken out of. */
  mailboxes?: Record<Id, boolean>;
}

export function applyChange<T extends EmailRow>(email: T, change: EmailChange): T {
  return {
    ...email,
    keywords: withFlags(email.keywords, change.keywords),
    mailboxIds: withFlags(email.mailboxIds, change.mailboxes),
  };
}

export function patchOf(change: EmailChange): PatchObject {
  const patch: PatchObject = {};
  for (const [keyword, on] of Object.entries(change.keywords ?? {})) patch[pointer('keywords', keyword)] = on || null;
  for (const [id, on] of Object.entries(change.mailboxes ?? {})) patch[pointer('mailboxIds', id)] = on || null;
  return patch;
}

/**
 * The change that leads back. For a record that is not known here the opposite of every flag is
 * assumed; for a known one only what really changed is turned back.
 */
export function inverse(
  change: EmailChange,
  before: Pick<EmailRow, 'keywords' | 'mailboxIds'> | undefined,
): EmailChange {
  const back: EmailChange = {};
  if (change.keywords) back.keywords = opposite(change.keywords, before?.keywords);
  if (change.mailboxes) back.mailboxes = opposite(change.mailboxes, before?.mailboxIds);
  return back;
}

export interface CountDelta {
  total: number;
  unread: number;
}

/** How the counters of mailboxes move when these records change (RFC 8621 §2). */
export function countDeltas(emails: Iterable<EmailRow>, change: EmailChange): Map<Id, CountDelta> {
  const deltas = new Map<Id, CountDelta>();
  const add = (email: EmailRow, sign: 1 | -1): void => {
    for (const id of Object.keys(email.mailboxIds)) {
      const delta = deltas.get(id) ?? { total: 0, unread: 0 };
      delta.total += sign;
      if (isUnread(email)) delta.unread += sign;
      deltas.set(id, delta);
    }
  };
  for (const email of emails) {
    add(email, -1);
    add(applyChange(email, change), 1);
  }
  for (const [id, delta] of deltas) if (delta.total === 0 && delta.unread === 0) deltas.delete(id);
  return deltas;
}

export function isUnread(email: Pick<EmailRow, 'keywords'>): boolean {
  return !email.keywords.$seen && !email.keywords.$draft;
}

function withFlags(flags: Record<string, true>, change: Record<string, boolean> | undefined): Record<string, true> {
  if (!change) return flags;
  const result = new Set(Object.keys(flags));
  for (const [name, on] of Object.entries(change)) {
    if (on) result.add(name);
    else result.delete(name);
  }
  return Object.fromEntries([...result].map((name) => [name, true as const]));
}

function opposite(change: Record<string, boolean>, before: Record<string, true> | undefined): Record<string, boolean> {
  const changed = Object.entries(change).filter(([name, on]) => !before || name in before !== on);
  return Object.fromEntries(changed.map(([name, on]) => [name, !on]));
}

/** RFC 6901 §3. */
function pointer(property: string, key: string): string {
  return `${property}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
