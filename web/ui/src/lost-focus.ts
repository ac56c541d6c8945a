/**
 * The focus is never left on nothing. Where what had it is gone, and nobody of the app gave it a place, it goes to the
 * nearest one: the row that moved up after a deleted one, the panel or list it was in, else the first thing there that can be
 * used. What was switched off while it worked has it again when it is switched on.
 */
const USED = 'a[href], button, input, select, textarea, summary, [tabindex], [contenteditable=true]';
const REMEMBERED = 12;
const ITEM = /^(LI|TR)$/;

/** What had the focus, outward to the page, and the place that each had among its neighbours. */
type Way = { one: Element; at: number }[];

/** A field that takes the focus on a phone brings its keyboard up. */
const brings = (one: Element): boolean =>
  one.matches('input, textarea, [contenteditable=true]') && matchMedia('(pointer: coarse)').matches;

const usable = (one: Element): boolean =>
  !one.matches(':disabled, [aria-hidden=true], [type=hidden]') &&
  !brings(one) &&
  one.checkVisibility({ visibilityProperty: true }) &&
  one.closest('[inert]') === null;

function wayTo(target: Element): Way {
  const way: Way = [];
  for (let one: Element | null = target; one && one !== document.body; one = one.parentElement)
    way.push({ one, at: [...(one.parentElement?.children ?? [])].indexOf(one) });
  return way;
}

/** What the keyboard reaches in it, itself first. */
function reachedIn(root: Element): HTMLElement[] {
  const all = [root, ...root.querySelectorAll<HTMLElement>(USED)] as HTMLElement[];
  return all.filter((one) => one.matches(USED) && one.tabIndex >= 0 && usable(one));
}

/** What stands for itself on a page: nobody is led out of it while something in it can be used. */
const PART = 'section, aside, article, main, nav, form, dialog, [role=region], [role=group]';

/** What moved to the place of a row that is gone. */
function neighbour(way: Way, cut: number): HTMLElement | undefined {
  const gone = way[cut];
  const around = way[cut + 1]?.one.children;
  if (!gone || !around || !ITEM.test(gone.one.tagName)) return undefined;
  const next = around[Math.min(gone.at, around.length - 1)];
  return next && reachedIn(next)[0];
}

/** The way has been cut: the nearest place that is left; of `before`, what had the focus earlier, the newest. */
function nearest(way: Way, before: readonly HTMLElement[]): HTMLElement | undefined {
  const cut = way.findLastIndex(({ one }) => !one.isConnected);
  const beside = neighbour(way, cut);
  if (beside) return beside;
  const newestIn = (part: Element): HTMLElement | undefined =>
    before.findLast((one) => part.contains(one) && one.tabIndex >= 0 && usable(one));
  for (const { one } of way.slice(cut + 1)) {
    // A list that holds the focus for its rows.
    if (one instanceof HTMLElement && one.tabIndex >= 0 && usable(one)) return one;
    if (!one.matches(PART)) continue;
    const itself = one instanceof HTMLElement && one.hasAttribute('tabindex') ? one : reachedIn(one)[0];
    const there = newestIn(one) ?? itself;
    if (there) return there;
    break;
  }
  return newestIn(document.body) ?? reachedIn(document.querySelector('main') ?? document.body)[0];
}

export function keepFocus(): void {
  let way: Way = [];
  let before: HTMLElement[] = [];
  let asked = 0;
  /** It was switched off: the browser takes the focus from it with the next frame. */
  let off = false;

  function find(): void {
    asked = 0;
    const last = way[0]?.one;
    if (!last || document.activeElement !== document.body) return;
    if (!last.isConnected) nearest(way, before)?.focus({ preventScroll: true });
    else if (off && usable(last)) (last as HTMLElement).focus({ preventScroll: true });
  }

  function taken(target: EventTarget | null): void {
    off = false;
    if (!(target instanceof HTMLElement) || target === document.body) return;
    way = wayTo(target);
    before = [...before.filter((one) => one !== target && one.isConnected).slice(-REMEMBERED), target];
  }

  taken(document.activeElement);
  document.addEventListener('focusin', ({ target }) => taken(target));
  // A press beside everything takes the focus away on purpose.
  document.addEventListener('mousedown', () =>
    setTimeout(() => {
      if (document.activeElement === document.body) way = [];
    }),
  );
  new MutationObserver(() => {
    if (way[0]?.one.matches(':disabled, [inert] *')) off = true;
    // Two frames on, everybody who gives the focus a place of their own has done so.
    if (way.length > 0 && document.activeElement === document.body && asked === 0)
      asked = requestAnimationFrame(() => (asked = requestAnimationFrame(find)));
  }).observe(document.body, { subtree: true, childList: true, attributeFilter: ['disabled', 'inert', 'hidden'] });
}
