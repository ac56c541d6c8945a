/** The demo's reading of a search line: enough operators to show what the real server does with all of them. */
import type { Email } from '../types.ts';

const STATES: Record<string, (email: Email) => boolean> = {
  'in:anywhere': () => true,
  'is:unread': (email) => !email.keywords.$seen,
  'is:starred': (email) => email.keywords.$flagged === true,
  'has:attachment': (email) => email.hasAttachment,
  'is:important': (email) => /마감|지연/.test(email.subject ?? ''),
};

const TOKEN = /-?\([^()]*\)|[^\s:"()]+:"[^"]+"|"[^"]+"|[^\s()]+/g;

export function matchesLine(email: Email, line: string): boolean {
  const either: string[][] = [];
  let joins = false;
  for (const token of line.match(TOKEN) ?? []) {
    if (joins) either.at(-1)?.push(token);
    else if (token !== 'OR') either.push([token]);
    joins = token === 'OR' && either.length > 0;
  }
  return either.every((tokens) => tokens.some((token) => matchesToken(email, token)));
}

function matchesToken(email: Email, token: string): boolean {
  const state = STATES[token.toLowerCase()];
  if (state) return state(email);
  if (token.startsWith('-(')) return !matchesLine(email, token.slice(2, -1));
  if (token.startsWith('(')) return matchesLine(email, token.slice(1, -1));
  const [, name = '', value = ''] = /^(from|보낸사람|to|받는사람|subject|제목|filename|파일):(.+)$/.exec(token) ?? [];
  const words = (value || token).replaceAll('"', '').toLowerCase();
  const people = (list: Email['from']): string => (list ?? []).map((one) => `${one.name} ${one.email}`).join(' ');
  const files = (email.attachments ?? []).map((part) => part.name).join(' ');
  if (name === 'from' || name === '보낸사람') return people(email.from).toLowerCase().includes(words);
  if (name === 'to' || name === '받는사람')
    return people([...(email.to ?? []), ...(email.cc ?? [])])
      .toLowerCase()
      .includes(words);
  if (name === 'subject' || name === '제목') return `${email.subject}`.toLowerCase().includes(words);
  if (name !== '') return files.toLowerCase().includes(words);
  return `${email.subject} ${people(email.from)} ${people(email.to)} ${email.preview}`.toLowerCase().includes(words);
}

/** RFC 8621 §5: HTML with marks; the operators' own words are not marked. */
export function marked(text: string, line: string): string {
  const words = line.split(/\s+/).filter((word) => word !== '' && !word.includes(':'));
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return words.reduce((html, word) => html.replaceAll(word, `<mark>${word}</mark>`), escaped);
}
