/** All actions that can be done now, and the keyboard's way to those that have a shortcut. */
import { shortcutOf, takesText } from '@smartmail/ui/keys.ts';
import { chrome } from '../app/chrome.svelte.ts';
import { confirming } from '../app/confirm.svelte.ts';
import { place } from '../app/place.svelte.ts';
import type { Action } from './action.ts';
import { joined } from './two-keys.ts';

/** What there is in mail, and everywhere else. */
interface Offered {
  inMail(): readonly Action[];
  everywhere: readonly Action[];
}

let offered: Offered = { inMail: () => [], everywhere: [] };

/** Says once which actions there are: they belong to features, of which this floor knows none. */
export function provideActions(of: Offered): void {
  offered = of;
}

/** Targets come from the row under the cursor too, so a key acts where a toolbar button would not. */
const NEED_NO_SELECTION = new Set([
  'delete',
  'star',
  'mark-read',
  'mark-unread',
  'archive',
  'spam',
  'not-spam',
  'move',
  'snooze',
  'tag',
]);

/** Of screens that are fetched later; theirs go before those of mail while they are there. */
const registered = new Set<readonly Action[]>();

/** Adds the actions of a screen while it is shown: `$effect(() => registerActions([…]))`. */
export function registerActions(actions: readonly Action[]): () => void {
  registered.add(actions);
  return () => void registered.delete(actions);
}

/** Everything that can be done now, for the command palette. */
export function allActions(): Action[] {
  const own = [...registered].flat();
  return place.section === null ? [...own, ...offered.inMail()] : [...own, ...offered.everywhere];
}

export function actionFor(shortcut: string): Action | null {
  return allActions().find((action) => action.keys.includes(shortcut)) ?? null;
}

export function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing || takesText(event.target)) return;
  // What is typed while the palette still comes was meant for its field: `#` there must not delete a mail.
  if (chrome.palette) return;
  if (confirming.question !== null || document.querySelector('dialog[open], [popover]:popover-open')) return;
  if (/^(Shift|Control|Alt|Meta)$/.test(event.key)) return;
  // A frame's own clock begins when the frame does.
  const shortcut = joined(shortcutOf(event), performance.now());
  // Enter and the space bar on a button press that button.
  const onControl =
    event.target instanceof Element && event.target.closest('button, a, summary, [role="treeitem"]') !== null;
  if (onControl && (shortcut === 'Enter' || shortcut === ' ' || shortcut.includes('Arrow'))) return;
  const action = actionFor(shortcut);
  if (!action || action.may?.() === false || !(action.enabled() || NEED_NO_SELECTION.has(action.id))) return;
  event.preventDefault();
  void action.run();
}
