/** Searches with a name: folders that fill themselves. Kept with the preferences, sealed on the server. */
import type { SavedSearch } from '../app/preferences.ts';
import { settings } from '../app/settings.svelte.ts';

const MOST_SAVED = 50;

export const savedSearches = (): readonly SavedSearch[] => settings.of('savedSearches') ?? [];
export const savedName = (line: string): string | undefined => savedSearches().find((each) => each.line === line)?.name;

/** The same line or the same name is replaced. */
export function saveSearch(name: string, line: string): void {
  const others = savedSearches().filter((each) => each.name !== name && each.line !== line);
  settings.choose({ savedSearches: [...others, { name, line }].slice(-MOST_SAVED) });
}

export function forgetSearch(line: string): void {
  settings.choose({ savedSearches: savedSearches().filter((each) => each.line !== line) });
}
