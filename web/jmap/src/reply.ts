/** Who gets an answer, under which subject, with which thread headers and which quotation. Pure. */
import { sameAddress, uniqueAddresses } from './addresses.ts';
import type { Email, EmailAddress } from './types.ts';

export type ReplyKind = 'reply' | 'replyAll' | 'forward';

/** Prefixes that other programs put before a subject, in the languages of our correspondents. */
const REPLY = /^\s*(?:(?:re|aw|sv|antw|회신|답장|답변|返信|答复|回复|回覆|答覆)(?:\[\d+\])?\s*[:：]\s*)+/i;
const FORWARD = /^\s*(?:(?:fw|fwd|wg|전달|転送|转发|轉寄|轉發)\s*[:：]\s*)+/i;

export function replySubject(subject: string | null, kind: ReplyKind): string {
  const text = subject ?? '';
  if (kind === 'forward') return `Fwd: ${text.replace(FORWARD, '')}`;
  return `Re: ${text.replace(REPLY, '')}`;
}

export interface Recipients {
  to: EmailAddress[];
  cc: EmailAddress[];
}

/** `own`: the addresses of the account, which get no copy of their own answer. */
export function replyRecipients(email: Email, kind: ReplyKind, own: EmailAddress[]): Recipients {
  if (kind === 'forward') return { to: [], cc: [] };
  const isOwn = (address: EmailAddress): boolean => own.some((mine) => sameAddress(mine, address));
  const wroteIt = (email.from ?? []).some(isOwn);
  // An answer to one's own letter goes to the people it was sent to.
  const back = wroteIt ? (email.to ?? []) : email.replyTo?.length ? email.replyTo : (email.from ?? []);
  const to = uniqueAddresses(back);
  if (kind === 'reply') return { to, cc: [] };
  const others = uniqueAddresses([...(wroteIt ? [] : (email.to ?? [])), ...(email.cc ?? [])]);
  const cc = others.filter((address) => !isOwn(address) && !to.some((first) => sameAddress(first, address)));
  return { to, cc };
}

export interface ThreadHeaders {
  inReplyTo: string[];
  references: string[];
}

/** RFC 5322 §3.6.4; long threads keep the root and the last ids, so that the header stays bounded. */
export function threadHeaders(email: Email, kind: ReplyKind): ThreadHeaders {
  if (kind === 'forward') return { inReplyTo: [], references: [] };
  const own = email.messageId ?? [];
  const earlier = email.references?.length ? email.references : (email.inReplyTo ?? []);
  const all = [...new Set([...earlier, ...own])];
  return { inReplyTo: own, references: all.length > 50 ? [...all.slice(0, 1), ...all.slice(-49)] : all };
}

/** RFC 3676 §4.5 style quotation for plain letters. */
export function quoteText(text: string): string {
  return text
    .replace(/\s+$/, '')
    .split(/\r?\n/)
    .map((line) => (line.startsWith('>') ? `>${line}` : line === '' ? '>' : `> ${line}`))
    .join('\n');
}
