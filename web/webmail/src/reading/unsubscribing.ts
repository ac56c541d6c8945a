/** The ways out of a mailing list that a message names (RFC 2369 §3.2, RFC 8058). */
import { isAddress } from '@smartmail/jmap/addresses.ts';
import { type Email, LIST_UNSUBSCRIBE, LIST_UNSUBSCRIBE_POST } from '@smartmail/jmap/types.ts';

export interface Way {
  /** A letter that the person sends; null where it is none. */
  letter: { to: string; subject: string; text: string } | null;
  /** A page that the person opens and reads; null where it is none. Without both: one click, which our server makes. */
  page: URL | null;
}

const MOST_WORDS = 1000;
const MOST_ADDRESS = 2000;

export const wayOfLetter = (email: Email): Way | null => wayOut(email[LIST_UNSUBSCRIBE], email[LIST_UNSUBSCRIBE_POST]);

/** The best way that is offered, a page last of all: it learns who opens it. Null for none. */
export function wayOut(urls: readonly string[] | null | undefined, post: unknown): Way | null {
  const all = urls ?? [];
  if (typeof post === 'string' && all.some((url) => /^https:/i.test(url))) return { letter: null, page: null };
  for (const url of all) {
    const letter = letterOf(url);
    if (letter) return { letter, page: null };
  }
  const page = all.map(pageOf).find((one) => one !== null);
  return page ? { letter: null, page } : null;
}

/** Proven lines only, and no names before the host, which would look like one. */
function pageOf(text: string): URL | null {
  const url = text.length <= MOST_ADDRESS && URL.canParse(text) ? new URL(text) : null;
  return url?.protocol === 'https:' && url.username === '' && url.password === '' ? url : null;
}

/** RFC 6068: an address, and what the letter says; other fields of it are nobody's business. */
function letterOf(url: string): Way['letter'] {
  const found = /^mailto:([^?]*)(?:\?(.*))?$/is.exec(url.trim());
  if (!found) return null;
  const to = unescaped(found[1] ?? '');
  // One recipient: a list of them would make the person write to strangers.
  if (!isAddress(to) || /[\s,<>]/.test(to)) return null;
  const fields = new Map(
    (found[2] ?? '').split('&').map((pair): [string, string] => {
      const at = pair.indexOf('=');
      return [pair.slice(0, Math.max(at, 0)).toLowerCase(), unescaped(pair.slice(at + 1)).slice(0, MOST_WORDS)];
    }),
  );
  const subject = (fields.get('subject') ?? 'unsubscribe').replace(/\s+/g, ' ');
  return { to, subject, text: fields.get('body') ?? 'unsubscribe' };
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
