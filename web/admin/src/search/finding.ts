/**
 * What a typed word may mean: pages and their fields in any of five languages, and links that an
 * address, a network address or a Message-ID leads to. Pure.
 */
import type { SearchResults } from '../api/types.ts';
import { entryOf } from '../app/places.ts';
import { meant } from '../app/synonyms.ts';
import type { PageOf } from '../app/pages.ts';

export interface Hit {
  id: string;
  kind: 'page' | 'field' | 'person' | 'domain' | 'group' | 'address' | 'knob' | 'network' | 'trace' | 'guide' | 'task';
  title: string;
  more: string;
  href: string;
}
type Catalogue = Readonly<Record<string, unknown>>;
type Words = (key: string) => string;

/** A word as it is compared: widths and case do not matter. */
export const folded = (text: string): string => text.normalize('NFKC').toLocaleLowerCase();

interface Entry {
  page: PageOf;
  /** The key of a field of the page, '' for the page itself. */
  key: string;
  words: string;
}

/** Texts of catalogues that belong to a page: `queue.sender` is a word of the page `queue`. */
const SPARE = /(Text|Hint|text|done|empty)$/;
const OTHER: Readonly<Record<string, string>> = { knobs: 'policy', person: 'people' };

/** All pages and their fields with their words in every language. */
export function indexed(pages: readonly PageOf[], catalogues: readonly Catalogue[]): Entry[] {
  const entries = new Map<string, Entry>();
  const add = (id: string, page: PageOf, key: string, text: string): void => {
    const entry = entries.get(id) ?? { page, key, words: '' };
    entries.set(id, { ...entry, words: `${entry.words}\n${folded(text)}` });
  };
  const byId = new Map(pages.map((page) => [page.id, page]));
  for (const page of pages) add(page.id, page, '', page.id);
  for (const catalogue of catalogues) {
    for (const [key, text] of Object.entries(catalogue)) {
      if (typeof text !== 'string') continue;
      const [area = '', name = ''] = key.split('.');
      if (area === 'page') {
        const page = byId.get(name);
        if (page) add(page.id, page, '', text);
        continue;
      }
      const page = byId.get(OTHER[area] ?? area);
      if (!page) continue;
      // Helping words lead to the field that they stand beside, where there is one; else to the page.
      const field = `${area}.${name.replace(SPARE, '')}`;
      const own = name !== 'text' && field !== key && field in catalogue ? field : SPARE.test(name) ? '' : key;
      add(own ? own : page.id, page, own, text);
    }
  }
  return [...entries.values()];
}

const MOST_PAGES = 6;
const MOST_FIELDS = 6;

/** Pages first, those that begin so before those that hold it; then fields. */
export function pagesFor(typed: string, index: readonly Entry[], words: Words): Hit[] {
  const wanted = folded(typed).split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return [];
  const found = index.filter((one) => wanted.every((word) => one.words.includes(word)));
  const rank = (one: Entry): number => {
    const title = folded(words(one.key === '' ? `page.${one.page.id}` : one.key));
    return title.startsWith(wanted[0] ?? '') ? 0 : one.words.includes(`\n${wanted[0] ?? ''}`) ? 1 : 2;
  };
  const sorted = (rows: Entry[], most: number): Entry[] =>
    rows.sort((one, other) => rank(one) - rank(other)).slice(0, most);
  const pages = sorted(
    found.filter((one) => one.key === ''),
    MOST_PAGES,
  );
  const fields = sorted(
    found.filter((one) => one.key !== ''),
    MOST_FIELDS,
  );
  return [...pages, ...fields].map((one) => ({
    id: `page ${one.page.id} ${one.key}`,
    kind: one.key === '' ? 'page' : 'field',
    title: words(one.key === '' ? `page.${one.page.id}` : one.key),
    more: one.key === '' ? words(`entry.${entryOf(one.page.id) ?? 'now'}`) : words(`page.${one.page.id}`),
    href: `/${one.page.path}`,
  }));
}

/** What somebody wants to do who calls it otherwise than the screens do: only what may be done. */
export function tasksFor(typed: string, pages: readonly PageOf[], words: Words): Hit[] {
  return meant(folded(typed)).flatMap(({ id, page: name, query }) => {
    const page = pages.find((one) => one.id === name);
    if (!page) return [];
    const href = `/${page.path}${query ? `?${query}` : ''}`;
    return [{ id: `task ${id}`, kind: 'task', title: words(`task.${id}`), more: words(`page.${name}`), href }];
  });
}

/** What the shape of a word says: an address, a Message-ID, a network address. */
export function shapesFor(typed: string, may: (permission: string) => boolean, words: Words): Hit[] {
  const word = typed.trim();
  const hit = (id: string, kind: Hit['kind'], key: string, href: string): Hit => ({
    id,
    kind,
    title: words(key),
    more: word,
    href,
  });
  const code = encodeURIComponent;
  const hits: Hit[] = [];
  const trace = may('trace.read');
  if (/^<[^<>\s]+@[^<>\s]+>$/.test(word)) {
    if (trace) hits.push(hit('trace id', 'trace', 'search.byMessageId', `/trace?messageId=${code(word.slice(1, -1))}`));
  } else if (/^[^\s@<>]+@[^\s@<>]+$/.test(word)) {
    if (trace) {
      hits.push(hit('trace from', 'trace', 'search.bySender', `/trace?sender=${code(word)}`));
      hits.push(hit('trace to', 'trace', 'search.byRecipient', `/trace?recipient=${code(word)}`));
      // An address and a Message-ID without its brackets look alike.
      hits.push(hit('trace id', 'trace', 'search.byMessageId', `/trace?messageId=${code(word)}`));
    }
    if (may('queue.read')) hits.push(hit('queue to', 'trace', 'search.queueTo', `/queue?recipient=${code(word)}`));
  } else if (isNetwork(word)) {
    if (may('audit.read')) hits.push(hit('records', 'network', 'search.loginsFrom', `/records?address=${code(word)}`));
    if (may('defence.read')) hits.push(hit('bans', 'network', 'search.bans', `/bans`));
    if (trace) hits.push(hit('trace peer', 'network', 'search.byPeer', `/trace?peer=${code(word)}`));
  }
  return hits;
}

const isNetwork = (word: string): boolean =>
  /^\d{1,3}(\.\d{1,3}){3}$/.test(word) || (/^[0-9a-f:.]+$/i.test(word) && word.split(':').length > 2);

/** What the server found. */
export function thingsFor(told: SearchResults, typed: string, words: Words): Hit[] {
  const code = encodeURIComponent;
  return [
    ...told.people.map((one): Hit => ({
      id: `person ${one.id}`, kind: 'person', title: one.name,
      more: [one.address, one.department, one.title].filter(Boolean).join(' · '), href: `/people/${one.id}`,
    })),
    ...told.domains.map((name): Hit => ({ id: `domain ${name}`, kind: 'domain', title: name, more: words('page.domains'), href: `/domains/${code(name)}` })),
    ...told.groups.map((one): Hit => ({ id: `group ${one.id}`, kind: 'group', title: one.name, more: words('page.groups'), href: `/groups/${one.id}` })),
    ...told.addresses.map((one): Hit => ({
      id: `${one.kind} ${one.address}`, kind: 'address', title: one.address,
      more: words(one.kind === 'alias' ? 'page.aliases' : 'page.lists'), href: `/${one.kind === 'alias' ? 'aliases' : 'lists'}/${code(one.address)}`,
    })),
    ...told.knobs.map((one): Hit => ({ id: `knob ${one.name}`, kind: 'knob', title: one.title || one.name, more: one.help || one.name, href: `/policy/${code(one.name)}` })),
    ...(told.network?.banned ? [{ id: 'banned', kind: 'network', title: words('search.banned'), more: typed.trim(), href: '/bans' } satisfies Hit] : []),
  ]; // prettier-ignore
}
