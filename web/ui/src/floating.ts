/** Keys in what floats over the page: shared by menus and popovers. */
import { belongsToInputMethod } from './keys.ts';

/**
 * Escape closes the panel and nothing behind it; arrow keys walk through `menu`, the menu in which the focus is, and stay
 * with fields where there is none.
 */
export function floatingKey(event: KeyboardEvent, menu: Element | null, close: () => void): void {
  if (belongsToInputMethod(event)) return;
  if (event.key === 'Escape') {
    event.preventDefault();
    event.stopPropagation();
    close();
    return;
  }
  if (!menu || (event.key !== 'ArrowDown' && event.key !== 'ArrowUp')) return;
  const items = [...menu.querySelectorAll<HTMLElement>('button:not(:disabled)')];
  const at = items.indexOf(document.activeElement as HTMLElement);
  items.at((at + (event.key === 'ArrowDown' ? 1 : -1)) % items.length)?.focus();
  event.preventDefault();
  event.stopPropagation();
}

/** Calls `put` whenever the size of an open panel changes: what comes later, or in another language, makes it wider. */
export function keptOnScreen(panel: Element, put: () => void): () => void {
  const seen = new ResizeObserver(put);
  seen.observe(panel);
  return () => seen.disconnect();
}
