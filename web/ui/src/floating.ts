/** Keys in what floats over the page: shared by menus and popovers. */
import { keptOnScreen } from './kept-on-screen.ts';
import { belongsToInputMethod, takesText } from './keys.ts';
import { letterOf, TypedLetters } from './type-ahead.ts';

const typed = new TypedLetters();

/**
 * Escape closes the panel and nothing behind it; arrow keys walk through `menu`, the menu in which the focus is, and stay
 * with fields where there is none. Letters lead to the item that begins with them: Enter after a name presses no other.
 */
export function floatingKey(event: KeyboardEvent, menu: Element | null, close: () => void): void {
  if (menu && !takesText(event.target) && ledByLetters(event, menu)) {
    event.preventDefault();
    event.stopPropagation();
    return;
  }
  if (belongsToInputMethod(event)) return;
  if (event.key === 'Escape') {
    event.preventDefault();
    event.stopPropagation();
    close();
    return;
  }
  if (!menu || (event.key !== 'ArrowDown' && event.key !== 'ArrowUp')) return;
  const items = itemsOf(menu);
  const at = items.indexOf(document.activeElement as HTMLElement);
  items.at((at + (event.key === 'ArrowDown' ? 1 : -1)) % items.length)?.focus();
  event.preventDefault();
  event.stopPropagation();
}

function itemsOf(menu: Element): HTMLElement[] {
  return [...menu.querySelectorAll<HTMLElement>('button:not(:disabled)')];
}

function ledByLetters(event: KeyboardEvent, menu: Element): boolean {
  const letter = letterOf(event);
  if (letter === '' || (letter === ' ' && !typed.goesOn(event.timeStamp))) return false;
  const items = itemsOf(menu);
  const labels = items.map((each) => (each.querySelector('.label') ?? each).textContent.trim());
  const from = items.indexOf(document.activeElement as HTMLElement);
  items[typed.next(labels, letter, event.timeStamp, from)]?.focus();
  return true;
}

/**
 * Shows what belongs to a control over the page, below it or above, at least as wide, for as long as it is there. It is a
 * manual popover: the control closes it, so that a press on the control itself is not taken for one outside.
 */
export function besideAnchor(panel: HTMLElement, anchor: HTMLElement, most = 340): () => void {
  const put = (): void => {
    const box = anchor.getBoundingClientRect();
    const below = innerHeight - box.bottom - 12;
    const above = box.top - 12;
    const up = below < Math.min(most, panel.scrollHeight) && above > below;
    const width = Math.max(box.width, panel.offsetWidth);
    panel.style.minWidth = `${box.width}px`;
    panel.style.maxHeight = `${Math.min(most, up ? above : below)}px`;
    panel.style.left = `${Math.max(8, Math.min(box.left, document.documentElement.clientWidth - width - 8))}px`;
    panel.style.top = up ? 'auto' : `${box.bottom + 4}px`;
    panel.style.bottom = up ? `${innerHeight - box.top + 4}px` : 'auto';
  };
  panel.showPopover();
  put();
  const seen = keptOnScreen(panel, put);
  const follow = (event: Event): void => {
    if (!(event.target instanceof Node && panel.contains(event.target))) put();
  };
  addEventListener('scroll', follow, true);
  addEventListener('resize', put);
  return () => {
    seen();
    removeEventListener('scroll', follow, true);
    removeEventListener('resize', put);
  };
}
