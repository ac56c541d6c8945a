/** The ways out of a mailing list that a message names (RFC 2369 §3.2, RFC 8058). */
import { isAddress } from '@smartmail/jmap/addresses.ts';

export interface Way {
  /** One click, which our server makes; null for a letter that the person sends. */
  letter: { to: string; subject: string; text: string } | null;
}

const MOST_WORDS = 1000;

/** The best way that is offered; null for none. A page that only a browser can open is none. */
export function wayOut(urls: readonly string[] | null | undefined, post: unknown): Way | null {
  const all = urls ?? [];
  if (typeof post === 'string' && all.some((url) => /^https:/i.test(url))) return { letter: null };
  for (const url of all) {
    const letter = letterOf(url);
    if (letter) return { letter };
  }
  return null;
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
