/**
 * The twelve places of the rail: each has tabs, and a tab has one page or a few that belong together; `entries.json` says
 * which. Pure.
 */
import told from './entries.json';
import type { PageOf } from './page.ts';

export const ENTRY_IDS = [
  'now', 'people', 'organization', 'domains', 'policy', 'login', 'approvals', 'trace', 'queue', 'spam', 'server', 'audit',
] as const; // prettier-ignore
export type EntryId = (typeof ENTRY_IDS)[number];

export interface Tab {
  /** The page that the tab is named after. */
  id: string;
  pages: readonly PageOf[];
}
export interface Entry {
  id: EntryId;
  tabs: readonly Tab[];
}

const ENTRY_OF = new Map(
  told.flatMap((entry) => entry.tabs.flat().map((page) => [page, entry.id as EntryId] as const)),
);

export const mayOpen = (page: PageOf, may: (permission: string) => boolean): boolean =>
  page.permission === undefined || may(page.permission);

/** Places with the tabs and pages that may be used; those without any are left out. */
export function placesOf(pages: readonly PageOf[], may: (permission: string) => boolean): Entry[] {
  const byId = new Map(pages.filter((page) => mayOpen(page, may)).map((page) => [page.id, page]));
  return told
    .map(({ id, tabs }) => ({
      id: id as EntryId,
      tabs: tabs
        .map((names) => ({ id: names[0] ?? '', pages: names.flatMap((name) => byId.get(name) ?? []) }))
        .filter((tab) => tab.pages.length > 0),
    }))
    .filter((entry) => entry.tabs.length > 0);
}

export function entryOf(page: string): EntryId | undefined {
  return ENTRY_OF.get(page);
}

/** Whether a page is the one that its place opens: it is in the rail already. */
export const opensEntry = (entry: Entry, page: string): boolean => entry.tabs[0]?.pages[0]?.id === page;
