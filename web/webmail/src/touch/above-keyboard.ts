/**
 * Keeps a window that fills the screen above the keyboard of the glass. Where the browser makes the page smaller for
 * it (`interactive-widget` in index.html) nothing is left to do; Safari lays the keyboard over the page instead, and
 * only its visual viewport tells.
 */
import type { Attachment } from 'svelte/attachments';

export interface Sight {
  height: number;
  offsetTop: number;
}

/** What is hidden of a page of this height: above, where it was pushed out, and below, under the keyboard. */
export function hiddenBy(sight: Sight, page: number): [above: number, below: number] {
  const above = Math.max(0, Math.round(sight.offsetTop));
  return [above, Math.max(0, Math.round(page - sight.height) - above)];
}

export const aboveKeyboard: Attachment<HTMLElement> = (element) => {
  const sight = globalThis.visualViewport;
  if (!sight) return undefined;
  const follow = (): void => {
    // Pinched larger, a part of the page is in sight by the person's own will.
    const [above, below] = sight.scale > 1.01 ? [0, 0] : hiddenBy(sight, innerHeight);
    element.style.setProperty('--hidden-above', `${above}px`);
    element.style.setProperty('--hidden-below', `${below}px`);
  };
  follow();
  sight.addEventListener('resize', follow);
  sight.addEventListener('scroll', follow);
  return () => {
    sight.removeEventListener('resize', follow);
    sight.removeEventListener('scroll', follow);
  };
};
