/**
 * The pages there are. A new page is one line in `pages-people.ts` or `pages-mail.ts`, its place in `entries.json`, its
 * list or screen, and its words.
 */
import { type PageOf } from './page.ts';
import { MAIL } from './pages-mail.ts';
import { PEOPLE } from './pages-people.ts';

export { type PageOf, type Shown } from './page.ts';

export const PAGES: readonly PageOf[] = [...PEOPLE, ...MAIL];

export function pageAt(part: string | undefined): PageOf | undefined {
  return PAGES.find((one) => one.path === (part ?? ''));
}
