/** Everything that a person can ask for by name: actions, places, mailboxes. In whichever of the five languages, and by first sounds. */
import { keyShown } from '@smartmail/ui/keys.ts';
import Folder from '@lucide/svelte/icons/folder';
import { type Language, OFFERED } from '@smartmail/i18n/languages.ts';
import { type Catalogue, type MessageKey, translate } from '@smartmail/i18n/translate.ts';
import type { Component } from 'svelte';
import { allActions } from '../actions/registry.ts';
import { catalogueOf, t } from '../app/language.svelte.ts';
import { nameOf, roleKey } from '../app/mailboxes.svelte.ts';
import { initials } from '../app/people.ts';
import { place } from '../app/place.svelte.ts';
import { allMailboxes } from '../app/records.svelte.ts';
import { offeredSections } from '../app/sections.ts';
import { offeredPages } from './settings-pages.ts';

export interface Command {
  id: string;
  label: string;
  /** What it is, behind the label: a place, a shortcut. */
  hint?: string;
  icon: Component;
  /** Everything that finds it. */
  words: string[];
  run(): unknown;
}

/** The same words in all languages: a person in Tokyo may know only the English name of a thing. */
export async function allWords(): Promise<(key: MessageKey) => string[]> {
  const catalogues = await Promise.all(
    OFFERED.map(async (language): Promise<[Language, Catalogue]> => [language, await catalogueOf(language)]),
  );
  return (key) => [...new Set(catalogues.map(([language, catalogue]) => translate(catalogue, language, key)))];
}

export function commands(words: (key: MessageKey) => string[]): Command[] {
  const inAll = (key: MessageKey | null): string[] => (key ? words(key) : []);
  const actions = allActions()
    .filter((action) => !action.onlyKeys && action.may?.() !== false && action.enabled())
    .map((action) => ({
      id: action.id,
      label: t(action.label()),
      hint: keyShown(action.keys[0]),
      icon: action.icon,
      words: words(action.label()),
      run: () => action.run(),
    }));
  const places = offeredSections().map((section) => ({
    id: `place-${section.id}`,
    label: t(section.label),
    icon: section.icon,
    words: words(section.label),
    run: () => place.open(section.id),
  }));
  const pages = offeredPages().map((page) => ({
    id: `settings-${page.id}`,
    label: t(page.label),
    hint: t('settings.title'),
    icon: page.icon,
    words: [...words(page.label), ...words('settings.title')],
    run: () => place.open('settings', page.id),
  }));
  const mailboxes = allMailboxes().map((mailbox) => ({
    id: `mailbox-${mailbox.id}`,
    label: nameOf(mailbox),
    hint: t('mailbox.label'),
    icon: Folder,
    words: [nameOf(mailbox), mailbox.name, ...inAll(roleKey(mailbox))],
    run: () => place.mailbox(mailbox.id),
  }));
  const seen = new Set<string>();
  return [...actions, ...places, ...pages, ...mailboxes].filter(({ id }) => !seen.has(id) && seen.add(id));
}

/** Best match first; without words everything, as it stands. */
export function found(all: readonly Command[], typed: string): Command[] {
  const wanted = typed.normalize('NFC').trim().toLowerCase();
  if (wanted === '') return [...all];
  return all
    .map((command) => ({ command, rank: Math.max(...command.words.map((word) => rank(word, wanted))) }))
    .filter(({ rank: value }) => value > 0)
    .sort((one, other) => other.rank - one.rank)
    .map(({ command }) => command);
}

/** How well a word answers what was typed: its beginning, the beginning of a part, anywhere, its first sounds. */
function rank(text: string, wanted: string): number {
  const word = text.toLowerCase();
  if (word.startsWith(wanted)) return 4;
  if (word.split(/[\s·()]+/).some((part) => part.startsWith(wanted))) return 3;
  if (word.replaceAll(' ', '').includes(wanted.replaceAll(' ', ''))) return 2;
  return /^[ㄱ-ㅎ ]+$/.test(wanted) && initials(word).replaceAll(' ', '').includes(wanted.replaceAll(' ', '')) ? 1 : 0;
}
