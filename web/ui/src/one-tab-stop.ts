/** The keyboard's way through a toolbar (WAI-ARIA: toolbar): one stop of the Tab key, arrows between its buttons. */
import { belongsToInputMethod } from './keys.ts';

/** Which of `count` buttons a key goes to from the one at `at`; null for keys that are not the toolbar's. */
export function stepIn(key: string, at: number, count: number): number | null {
  if (count === 0) return null;
  if (key === 'ArrowRight') return (at + 1) % count;
  if (key === 'ArrowLeft') return (at + count - 1) % count;
  if (key === 'Home') return 0;
  return key === 'End' ? count - 1 : null;
}

/** For `{@attach}` at an element of the role `toolbar`. What its menus hold has keys of its own. */
export function oneTabStop(bar: HTMLElement): () => void {
  const own = (one: Element): boolean => one.closest('[popover]') === null;
  const buttons = (): HTMLElement[] =>
    [...bar.querySelectorAll<HTMLElement>('button:not(:disabled)')].filter((one) => own(one));
  let stop: HTMLElement | undefined;

  function settle(): void {
    const all = buttons();
    if (!stop || !all.includes(stop)) stop = all[0];
    for (const one of all) one.tabIndex = one === stop ? 0 : -1;
  }

  function came(event: FocusEvent): void {
    if (!(event.target instanceof HTMLElement) || !buttons().includes(event.target)) return;
    stop = event.target;
    settle();
  }

  function key(event: KeyboardEvent): void {
    if (belongsToInputMethod(event) || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const all = buttons();
    const at = all.indexOf(event.target as HTMLElement);
    const to = at < 0 ? null : stepIn(event.key, at, all.length);
    if (to === null) return;
    event.preventDefault();
    all[to]?.focus();
  }

  settle();
  // Buttons come and go with the width of the bar.
  const seen = new MutationObserver(settle);
  seen.observe(bar, { childList: true, subtree: true, attributeFilter: ['disabled'] });
  bar.addEventListener('focusin', came);
  bar.addEventListener('keydown', key);
  return () => {
    seen.disconnect();
    bar.removeEventListener('focusin', came);
    bar.removeEventListener('keydown', key);
  };
}
