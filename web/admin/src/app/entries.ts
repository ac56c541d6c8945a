/** The places of the rail as they are shown: their symbols and words, and those that somebody may use. */
import Activity from '@lucide/svelte/icons/activity';
import Globe from '@lucide/svelte/icons/globe';
import KeyRound from '@lucide/svelte/icons/key-round';
import ListOrdered from '@lucide/svelte/icons/list-ordered';
import Network from '@lucide/svelte/icons/network';
import Route from '@lucide/svelte/icons/route';
import ScrollText from '@lucide/svelte/icons/scroll-text';
import Server from '@lucide/svelte/icons/server';
import ShieldAlert from '@lucide/svelte/icons/shield-alert';
import SlidersHorizontal from '@lucide/svelte/icons/sliders-horizontal';
import Stamp from '@lucide/svelte/icons/stamp';
import Users from '@lucide/svelte/icons/users';
import type { Component } from 'svelte';
import { has, known, t } from './language.svelte.ts';
import { PAGES } from './pages.ts';
import { type Entry, type EntryId, placesOf, type Tab } from './places.ts';
import { session } from './session.svelte.ts';

export const ICONS: Readonly<Record<EntryId, Component>> = {
  now: Activity,
  people: Users,
  organization: Network,
  domains: Globe,
  policy: SlidersHorizontal,
  login: KeyRound,
  approvals: Stamp,
  trace: Route,
  queue: ListOrdered,
  spam: ShieldAlert,
  server: Server,
  audit: ScrollText,
};

/** After which places the rail leaves a gap. */
export const GAP_AFTER: ReadonlySet<EntryId> = new Set(['domains', 'approvals', 'spam']);

export const offeredPlaces = (): Entry[] => placesOf(PAGES, (permission) => session.may(permission));

export const pageWords = (id: string): string => known(`page.${id}`);
export const entryWords = (id: EntryId): string => t(`entry.${id}`);

/** A tab of several pages has a name of its own; one of a single page may have a shorter one than its page. */
export function tabWords(tab: Tab): string {
  const own = `tab.${tab.id}`;
  return has(own) ? t(own) : pageWords(tab.pages[0]?.id ?? tab.id);
}
