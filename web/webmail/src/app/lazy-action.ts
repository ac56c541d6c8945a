import { t, withWords } from './language.svelte.ts';
import { notices } from './notices.svelte.ts';

/**
 * What an act needs and the first page does not, with its words, fetched when it is first wanted; null, and said, when it
 * cannot be had.
 */
export async function lazyAction<T>(code: Promise<T>): Promise<T | null> {
  try {
    return await withWords(code);
  } catch {
    notices.show(t('error.offline'), { tone: 'bad' });
    return null;
  }
}
