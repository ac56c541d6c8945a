/** Which chapter of the administrator's guide tells of a page. The guide lies beside the app, in Korean and English. */
import { CHAPTERS } from './guide-chapters.ts';
import { language } from './language.svelte.ts';

/** Address of a chapter; that of the contents without one. Who reads no Korean is given English. */
export function guideAt(chapter = ''): string {
  return `/help/${language() === 'ko' ? 'ko' : 'en'}${chapter && `/${chapter}`}`;
}

/** Address of the chapter of a page. */
export function guideOf(page: string | undefined): string {
  return guideAt(CHAPTERS[page ?? '']);
}
