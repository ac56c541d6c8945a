/** Asks the server why rows were found. */
import type { Id } from '@smartmail/jmap/types.ts';
import { connection } from '../app/connection.svelte.ts';
import { listing } from '../app/listing.svelte.ts';
import { place } from '../app/place.svelte.ts';
import { wordsOf } from '../app/search-line.ts';
import { settings } from '../app/settings.svelte.ts';
import { withVips } from '../app/vip.ts';
import { type Found, known, type Piece } from './found.svelte.ts';

interface Snippet {
  emailId: Id;
  subject: string | null;
  preview: string | null;
  file?: string | null;
  foundBy?: string[];
}

const asked = new Set<Id>();
let line = '';
/** The line and how it may be read: another way of reading finds for other reasons. */
let asking = '';

/** Rows that are on the screen now. */
export function explain(first: number, last: number): void {
  const account = connection.mail;
  const wishes = settings.of('searchSwitches');
  // Ids are numbers by account: e7 of one is another message than e7 of the other.
  const now = JSON.stringify([place.accountId, place.search, wishes]);
  if (now !== asking) {
    asking = now;
    line = place.search;
    known.clear();
    asked.clear();
  }
  if (!account || line === '' || wordsOf(line).length + Number(/:/.test(line)) === 0) return;
  const ids: Id[] = [];
  for (let row = first; row <= last; row += 1) {
    const id = listing.idAt(row);
    if (id !== undefined && !asked.has(id)) ids.push(id);
  }
  if (ids.length === 0) return;
  for (const id of ids) asked.add(id);
  const mine = asking;
  const answer = account.pipeline.send<{ list: Snippet[] }>('SearchSnippet/get', {
    emailIds: ids,
    filter: withVips(account.looksFor(line, wishes)),
  });
  answer.result.then(
    ({ list }) => {
      if (mine === asking) for (const each of list) known.set(each.emailId, shown(each));
    },
    // Rows then simply show no marks.
    () => undefined,
  );
}

function shown(snippet: Snippet): Found {
  return {
    subject: snippet.subject === null ? null : pieces(snippet.subject),
    preview: snippet.preview === null ? null : pieces(snippet.preview),
    file: snippet.file ? pieces(snippet.file) : null,
    by: snippet.foundBy ?? [],
  };
}

/** RFC 8621 §5: HTML in which nothing but `<mark>` stands. It is read as text, never set as HTML. */
export function pieces(html: string): Piece[] {
  return html
    .split(/(<mark>[^]*?<\/mark>)/)
    .filter((part) => part !== '')
    .map((part): Piece => {
      const marked = part.startsWith('<mark>');
      return [plain(marked ? part.slice(6, -7) : part), marked];
    });
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", '#x27': "'" };
const plain = (html: string): string =>
  html.replace(/&(amp|lt|gt|quot|#39|#x27);/g, (_all, name: string) => ENTITIES[name] ?? '');
