/** What a person may have overlooked before sending. Pure. */
import { domainOf } from '@smartmail/jmap/addresses.ts';
import type { EmailAddress } from '@smartmail/jmap/types.ts';

/** Words by which people say that a file goes along, in the five languages. */
const SAYS_ATTACHED =
  /첨부|붙임|동봉|별첨|添付|別添|同封|附件|附上|随附|隨附|附檔|夾帶|\battach(?:ed|ment|ments|ing)?\b|\benclos(?:ed|ure)\b/i;
/** Said of what came, or of no file at all. */
const SAYS_NOT = /첨부\s*(?:없|파일\s*없)|첨부해\s*주|보내\s*주신\s*첨부|添付なし|无附件|無附件|no attachments?/i;
export const MANY_RECIPIENTS = 30;
/** A letter to so many colleagues is one among ourselves. */
const COLLEAGUES = 2;

export type Warning =
  | { kind: 'forgotten' }
  | { kind: 'many'; count: number }
  | { kind: 'overLimit' | 'overApproval'; count: number; most: number }
  | { kind: 'unusual'; address: string }
  | { kind: 'lookalike'; address: string; known: string };

export interface Overlooked {
  subject: string;
  text: string;
  files: number;
  recipients: readonly EmailAddress[];
  outside: number;
  /** Those outside, where they are known by name. */
  strangers?: readonly EmailAddress[];
  /** Recipients outside that policy lets a mail have; 0 for any number. */
  mostOutside: number;
  /** More than that wait for an approval instead of being refused. */
  approves?: boolean;
  /** Addresses that the person writes to. */
  known: readonly EmailAddress[];
}

export function warningsOf(letter: Overlooked): Warning[] {
  const found: Warning[] = [];
  const said = `${letter.subject}\n${letter.text}`;
  if (letter.files === 0 && SAYS_ATTACHED.test(said) && !SAYS_NOT.test(said)) found.push({ kind: 'forgotten' });
  if (letter.mostOutside > 0 && letter.outside > letter.mostOutside)
    found.push({
      kind: letter.approves ? 'overApproval' : 'overLimit',
      count: letter.outside,
      most: letter.mostOutside,
    });
  else if (letter.recipients.length > MANY_RECIPIENTS) found.push({ kind: 'many', count: letter.recipients.length });
  for (const one of letter.recipients) {
    const twin = letter.known.find((other) => looksLike(one.email, other.email));
    if (twin && !isKnown(letter, one)) found.push({ kind: 'lookalike', address: one.email, known: twin.email });
  }
  // One address from elsewhere among colleagues only, to whom nothing was ever written: it may be the wrong one.
  const [stranger] = letter.strangers ?? [];
  if (stranger && letter.strangers?.length === 1 && letter.recipients.length > COLLEAGUES && !isKnown(letter, stranger))
    found.push({ kind: 'unusual', address: stranger.email });
  return found;
}

function isKnown(letter: Overlooked, one: EmailAddress): boolean {
  return letter.known.some(({ email }) => email.toLowerCase() === one.email.toLowerCase());
}

/** One slip of the finger away, in the name or in the domain, but not the same. */
export function looksLike(one: string, other: string): boolean {
  const [first, second] = [one.toLowerCase(), other.toLowerCase()];
  if (first === second || Math.abs(first.length - second.length) > 1) return false;
  const near = isOneEdit(first, second);
  const [mine, theirs] = [domainOf({ name: null, email: first }), domainOf({ name: null, email: second })];
  // Colleagues are called alike: within one domain a single letter tells people apart.
  return near && mine !== theirs;
}

function isOneEdit(one: string, other: string): boolean {
  const [short, long] = one.length <= other.length ? [one, other] : [other, one];
  let at = 0;
  while (at < short.length && short[at] === long[at]) at += 1;
  if (short.length === long.length) {
    const swapped = short[at] === long[at + 1] && short[at + 1] === long[at];
    return short.slice(at + 1) === long.slice(at + 1) || (swapped && short.slice(at + 2) === long.slice(at + 2));
  }
  return short.slice(at) === long.slice(at + 1);
}
