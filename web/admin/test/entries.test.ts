/** The twelve places of the rail hold every page, each once; what may not be used is in none of them. */
import { describe, expect, it } from 'vitest';
import ko from '@smartmail/i18n/admin/ko.json';
import { badgesOf } from '../src/app/badges.ts';
import { type Entry, ENTRY_IDS, entryOf, placesOf } from '../src/app/places.ts';
import type { PageOf } from '../src/app/page.ts';
import { withNewest } from '../src/app/recent.svelte.ts';

const pages = Object.keys(ko)
  .filter((key) => key.startsWith('page.'))
  .map((key) => key.slice('page.'.length));
const one = (id: string): PageOf => ({
  id,
  path: id,
  icon: null as never,
  load: () => Promise.reject(new Error()),
  ...(id === 'overview' ? {} : { permission: id }),
});
const all = placesOf(pages.map(one), () => true);
const idsOf = (entries: readonly Entry[]): string[] =>
  entries.flatMap(({ tabs }) => tabs.flatMap(({ pages }) => pages.map(({ id }) => id)));

describe('the rail', () => {
  it('has twelve places with every page in one tab of one of them', () => {
    expect(all.map(({ id }) => id)).toEqual([...ENTRY_IDS]);
    expect(idsOf(all).toSorted()).toEqual(pages.toSorted());
    for (const entry of all) {
      expect(`entry.${entry.id}` in ko).toBe(true);
      expect(entry.tabs.length).toBeLessThanOrEqual(7);
      for (const tab of entry.tabs) expect(tab.pages.length).toBeLessThanOrEqual(4);
    }
  });
  it('gives a tab of several pages a name of its own', () => {
    for (const { tabs } of all) {
      for (const tab of tabs)
        if (tab.pages.length > 1 && !['alarms', 'certificates'].includes(tab.id))
          expect(`tab.${tab.id}` in ko).toBe(true);
    }
  });
  it('shows a place as soon as one of its pages is allowed, and only those', () => {
    const some = placesOf(pages.map(one), (permission) => ['acme', 'mailTrust', 'oldTls'].includes(permission));
    expect(idsOf(some)).toEqual(['overview', 'oldTls', 'acme', 'mailTrust']);
    expect(some.map(({ id }) => id)).toEqual(['now', 'queue', 'server']);
    // The tab keeps its name where the page that it is named after is not allowed.
    expect(some[2]?.tabs.map(({ id }) => id)).toEqual(['certificates']);
    expect(entryOf('oldTls')).toBe('queue');
  });
});

describe('pages that one was at', () => {
  it('are three, the newest first, none twice', () => {
    expect(['imports', 'leavers', 'imports', 'bans', 'acme'].reduce(withNewest, [] as string[])).toEqual([
      'acme', 'bans', 'imports',
    ]); // prettier-ignore
  });
});

describe('badges', () => {
  it('stand only where there is something', () => {
    expect(badgesOf(null, null)).toEqual({});
    const told = { approvals: 5, proposals: 2, queue: 0, quarantine: null } as Parameters<typeof badgesOf>[0];
    expect(badgesOf(told, null)).toEqual({ approvals: { number: 7, tone: 'act' } });
  });
});
