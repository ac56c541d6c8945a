/** What a link is before it is followed: where it leads, and what about it would deceive a hurried reader. */
import { inUnicode, mixesScripts, passesFor, registered } from './hosts.ts';

export type Deceit = 'words' | 'user' | 'number' | 'passes' | 'scripts';

export interface Doubt {
  deceit: Deceit;
  /** The place that the reader would take it for; empty when there is none. */
  said: string;
  /** Where it leads, as people read it. */
  real: string;
  /** The same in A-labels, where that differs. */
  plain: string;
}

const MOST = 2000;
// All that is shown must be an address: names of shops in a sentence are no promise. A scheme or `www.` is one anywhere.
// Endings in other letters are named one by one: in Korean a particle stands right behind them.
const DOMAIN = String.raw`(?:[\p{L}\p{M}\p{N}_-]{1,63}\.){1,8}(?:xn--[a-z0-9-]{1,59}|[a-z]{2,24}|한국|닷컴|닷넷|삼성|中国|中國|公司|网络|台灣|台湾|香港|みんな|コム|рф)`;
const WHOLE = new RegExp(String.raw`^[\s(<[«“‘「『]*(?:https?://)?(${DOMAIN})\.?(?:[:/?#]\S*)?[\s.,)>\]»”’]*$`, 'iu');
const WITHIN = new RegExp(String.raw`(?:https?://|(?<![\p{L}\p{N}.@-])(?=www\.))(${DOMAIN})(?![\p{L}\p{N}.-]*@)`, 'iu');
const NUMBERS = /https?:\/\/(\d{1,3}(?:\.\d{1,3}){3})(?![\d.])/i;
const FILE_NAME =
  /^[^/]+\.(?:pdf|docx?|xlsx?|pptx?|hwpx?|zip|txt|jpe?g|png|gif|html?|js|exe|csv|eml|py|md|sh|mov|rs)$/i;
// What takes no room on the screen and would hide a dot or turn words round.
const UNSEEN = /[\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0]/g;

/** Null for a link that is what it looks like. */
export function doubtOf(words: string, href: string, written = href): Doubt | null {
  let url: URL;
  try {
    url = new URL(href);
  } catch {
    return null;
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return null;
  const host = url.hostname.replace(/\.$/, '');
  const real = inUnicode(host);
  const doubt = (deceit: Deceit, said = ''): Doubt => ({ deceit, said, real, plain: real === host ? '' : host });
  if (url.username !== '' || url.password !== '') return doubt('user', unescaped(url.username));
  const said = saidBy(words);
  if (said !== null && !sameOwner(asciiOf(said), host)) return doubt('words', said);
  if (isNumber(host)) return said === host || isPlainPrivate(host, written) ? null : doubt('number');
  const latin = passesFor(real);
  if (latin !== null) return doubt('passes', latin);
  return mixesScripts(real) ? doubt('scripts') : null;
}

/** The host that words claim; null when they claim none. */
function saidBy(words: string): string | null {
  const text = words.slice(0, MOST).normalize('NFKC').replace(UNSEEN, '').replaceAll('。', '.').trim();
  const address = NUMBERS.exec(text)?.[1];
  if (address !== undefined) return address;
  const found = WITHIN.exec(text)?.[1] ?? (text.includes('@') || FILE_NAME.test(text) ? null : WHOLE.exec(text)?.[1]);
  return found?.toLowerCase() ?? null;
}

const sameOwner = (one: string, other: string): boolean =>
  isNumber(one) || isNumber(other) ? one === other : registered(one) === registered(other);

function asciiOf(host: string): string {
  try {
    return new URL(`https://${host}`).hostname;
  } catch {
    return host;
  }
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Every way to write an address has become one of two by now (WHATWG URL §3.5). */
const isNumber = (host: string): boolean => host.startsWith('[') || /^\d+(?:\.\d+){3}$/.test(host);

/** Machines of the house are often called by their numbers; written in another way, they hide something. */
const isPlainPrivate = (host: string, written: string): boolean =>
  /^(?:10|127|192\.168|172\.(?:1[6-9]|2\d|3[01]))\./.test(host) && written.includes(host);
