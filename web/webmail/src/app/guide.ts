/** Which chapter of the user's guide tells of what is on the screen. The guide lies beside the app, in Korean and English. */
import { OF_MAIL, OF_SECTION, OF_SETTINGS } from './guide-chapters.ts';
import { language } from './language.svelte.ts';
import { place } from './place.svelte.ts';
import { windows } from './windows.svelte.ts';

/** The chapter, and the section of it, for what the person sees. */
export function chapterHere(): string {
  if (windows.drafts.some((draft) => draft.size !== 'minimised')) return OF_MAIL.writing;
  const [page = ''] = place.path;
  if (place.section === 'settings') return OF_SETTINGS[page] ?? OF_SECTION.settings ?? '';
  if (place.section !== null) return OF_SECTION[place.section] ?? '';
  if (place.search !== '') return OF_MAIL.search;
  if (place.tag !== '') return OF_MAIL.tag;
  return place.accountId === null ? OF_MAIL.reading : OF_MAIL.shared;
}

/** Address of a chapter. Who reads neither Korean nor English is given English. */
export function guideAt(chapter: string): string {
  return `/help/${language() === 'ko' ? 'ko' : 'en'}${chapter && `/${chapter}`}`;
}

/** In a tab of its own: what is being written stays where it is. */
export function openGuide(chapter = chapterHere()): void {
  open(guideAt(chapter), '_blank', 'noopener');
}
