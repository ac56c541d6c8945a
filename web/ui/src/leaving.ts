/**
 * Rows that leave a list slide a little to the side, then those below close up: the eye sees what went and whence the rest
 * comes. Opacity and transform only; nothing waits for it, and whoever wants no motion gets none.
 */
import { type Layout, topOf } from './windowing.ts';

const ASIDE_PX = 24;
const TIMING = { duration: 140, easing: 'cubic-bezier(0.2, 0, 0, 1)' } as const;
/** The way is free when the row is half gone. */
const CLOSE_AFTER_MS = 70;

export const wantsNoMotion = (): boolean => matchMedia('(prefers-reduced-motion: reduce)').matches;

/** A likeness slides out: the row itself is another one's by now. It is nothing to anybody but the eye. */
export function slideOut(place: HTMLElement): void {
  const likeness = place.cloneNode(true) as HTMLElement;
  for (const part of [likeness, ...likeness.querySelectorAll('[id], [role]')]) {
    part.removeAttribute('id');
    part.removeAttribute('role');
  }
  likeness.inert = true;
  likeness.ariaHidden = 'true';
  place.parentElement?.append(likeness);
  const { transform } = place.style;
  const away = likeness.animate(
    [
      { transform, opacity: 1 },
      { transform: `${transform} translateX(${ASIDE_PX}px)`, opacity: 0 },
    ],
    TIMING,
  );
  away.onfinish = away.oncancel = () => likeness.remove();
}

/** Which row stood where row `index` stands now that the rows `gone` (ascending) have left. */
export function stoodAt(index: number, gone: readonly number[]): number {
  let before = index;
  for (const each of gone) if (each <= before) before += 1;
  return before;
}

export function closeUp(place: HTMLElement, index: number, gone: readonly number[], before: Layout, now: Layout): void {
  const [from, to] = [topOf(stoodAt(index, gone), before), topOf(index, now)];
  if (from === to) return;
  const frames = [from, to].map((top) => ({ transform: `translateY(${top}px)` }));
  place.animate(frames, { ...TIMING, delay: CLOSE_AFTER_MS, fill: 'backwards' });
}
