/** Where words of a search stand in a text: as typed, or by first sounds (ㄱㅁㅈ finds 김민지). Offsets of UTF-16. */
import { initials } from '../app/people.ts';

/** More marks than this help nobody, and a long letter would take long. */
const MOST_HITS = 500;

export function hitsIn(text: string, words: readonly string[]): [from: number, to: number][] {
  const lower = text.toLowerCase();
  // Folding may change the length of rare letters; then offsets would lie.
  const plain = lower.length === text.length ? lower : text;
  let sounds: string | null = null;
  const hits: [number, number][] = [];
  for (const word of words) {
    const bySound = /^[ㄱ-ㅎ]{2,}$/.test(word);
    const hay = bySound ? (sounds ??= initials(text)) : plain;
    if (hay.length !== text.length) continue;
    const needle = word.toLowerCase();
    for (let at = hay.indexOf(needle); at >= 0 && hits.length < MOST_HITS; at = hay.indexOf(needle, at + needle.length))
      hits.push([at, at + needle.length]);
  }
  return hits;
}

/** Marks the words in a letter by the highlight registry of its window: the letter itself stays as it is. */
export function markHits(page: Document, words: readonly string[]): number {
  const view = page.defaultView as (Window & typeof globalThis) | null;
  if (!view || !('highlights' in view.CSS)) return 0;
  view.CSS.highlights.delete('hit');
  if (words.length === 0) return 0;
  const ranges: Range[] = [];
  const walker = page.createTreeWalker(page.body, view.NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node && ranges.length < MOST_HITS; node = walker.nextNode()) {
    for (const [from, to] of hitsIn(node.nodeValue ?? '', words)) {
      const range = page.createRange();
      range.setStart(node, from);
      range.setEnd(node, to);
      ranges.push(range);
    }
  }
  view.CSS.highlights.set('hit', new view.Highlight(...ranges));
  return ranges.length;
}
