/** What may be left out of a search that finds nothing. Pure. */
import { chipOf, putTogether, takeApart } from '../app/search-line.ts';

export interface Looser {
  line: string;
  how: 'without' | 'only' | 'everywhere';
  /** What is left out, or what is left. */
  part: string;
}

/** So many questions of a kind are asked of the server at most. */
const MOST = 4;
const EVERYWHERE = 'in:anywhere';

/**
 * Lines that ask less: one part less each; for more than two parts, each part alone, which counts where those find nothing
 * either; the same line in spam and trash as well.
 */
export function looser(line: string): Looser[] {
  const { chips, rest } = takeApart(line);
  const words = rest.match(/"[^"]+"|\S+/g) ?? [];
  const grouped = chips.length === 0 && /[()]|(^|\s)(OR|NOT|\|)(\s|$)/.test(line);
  const parts = grouped ? [] : [...chips.map(({ token }) => token), ...words];
  const less: Looser[] = parts.length < 2 ? [] : parts.map((part) => ({ how: 'without', part, line: leaving(part) }));
  // A state alone, as `is:unread`, finds what nobody looked for.
  const telling = parts.filter((part) => chipOf(part)?.value !== '' && !part.startsWith('-'));
  const only: Looser[] = parts.length < 3 ? [] : telling.map((part) => ({ how: 'only', part, line: part }));
  const named = chips.some(({ label }) => label === 'search.in');
  const wider: Looser[] = named ? [] : [{ how: 'everywhere', part: '', line: `${line} ${EVERYWHERE}` }];
  return [...less.slice(0, MOST), ...only.slice(0, MOST), ...wider];

  function leaving(one: string): string {
    if (chipOf(one))
      return putTogether(
        chips.filter(({ token }) => token !== one),
        rest,
      );
    return putTogether(chips, words.filter((word) => word !== one).join(' '));
  }
}
