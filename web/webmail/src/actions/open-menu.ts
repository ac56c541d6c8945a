import { chrome } from '../app/chrome.svelte.ts';
import { lateParts } from '../app/late.svelte.ts';
import { listing } from '../app/listing.svelte.ts';

type MenuName = 'move-menu' | 'snooze-menu' | 'tag-menu';

function ready(menu: MenuName): HTMLButtonElement | undefined {
  const all = [...document.querySelectorAll<HTMLButtonElement>(`.${menu} button[popovertarget]:enabled`)];
  return all.findLast((button) => button.checkVisibility({ visibilityProperty: true }));
}

const drawn = (): Promise<void> =>
  new Promise((done) => void requestAnimationFrame(() => requestAnimationFrame(() => done())));

/**
 * Opens the menu of whichever toolbar is on the screen. The list at rest has none, or one without a use: the row of the
 * cursor is chosen then, which brings the verbs, so that the key does what it does everywhere else.
 */
export async function openMenu(menu: MenuName): Promise<void> {
  chrome.opening = true;
  try {
    await bringAndOpen(menu);
  } finally {
    chrome.opening = false;
  }
}

async function bringAndOpen(menu: MenuName): Promise<void> {
  const id = ready(menu) || listing.checked.size > 0 ? undefined : listing.idAt(listing.cursor);
  if (id !== undefined) listing.toggle(id, true);
  // The verbs fold to the width that they find, and the menu stands below its own.
  if (id !== undefined) await drawn();
  // Soon after the first rows the verbs themselves are still on their way.
  if (await lateParts()) await drawn();
  const button = ready(menu);
  if (button) button.click();
  else if (id !== undefined) listing.toggle(id, false);
}
