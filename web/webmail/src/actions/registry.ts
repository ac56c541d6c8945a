/** All actions that can be done now, and the keyboard's way to those that have a shortcut. */
import { shortcutOf, takesText } from '@smartmail/ui/keys.ts';
import { chrome } from '../app/chrome.svelte.ts';
import { confirming } from '../app/confirm.svelte.ts';
import { place } from '../app/place.svelte.ts';
import type { Action } from './action.ts';
import { joined } from './joining.ts';

/** What there is in mail, and everywhere else. */
export interface Offered {
  inMail(): readonly Action[];
  everywhere: readonly Action[];
}

let offered: Offered | null = null;
/** Those that wait for nothing: what is typed after them belongs to the field that they lead to. */
let atOnce: readonly Action[] = [];
/** Fetches them; null when they cannot be had. */
let bringing: () => Promise<Offered | null> = () => Promise.resolve(null);
/** Pressed before they were there, or before those were done, in order. */
let held: string[] = [];
/** Those are being done: a key that is pressed now comes after them. */
let catchingUp = false;
/** What is not the browser's own before it is known what each key does. */
const MAY_BE_OURS = /^(?:\S|Shift\+\S|Mod\+[akpz]|Enter|Escape|Delete|ArrowUp|ArrowDown)$/;

/** Says once where actions come from: they belong to features, of which this floor knows none. */
export function provideActions(first: readonly Action[], bring: () => Promise<Offered | null>): void {
  atOnce = first;
  bringing = bring;
}

/** Has the actions here before the first key asks for them. */
export async function bringActions(): Promise<void> {
  offered ??= await bringing();
  if (!catchingUp) await catchUp();
}

/** Does what was pressed early, and after it what is pressed meanwhile: `j x j x` chooses two rows on any machine. */
async function catchUp(): Promise<void> {
  catchingUp = true;
  try {
    for (let key = held.shift(); key !== undefined; key = held.shift()) {
      const before = elsewhere(document.activeElement);
      press(key);
      // What opens a field or a question takes what is typed after it.
      await new Promise((resolve) => setTimeout(resolve));
      if (!before && elsewhere(document.activeElement)) held = [];
    }
  } finally {
    catchingUp = false;
  }
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
  if (offered === null) return [...own, ...atOnce];
  return place.section === null ? [...own, ...offered.inMail()] : [...own, ...offered.everywhere];
}

export function actionFor(shortcut: string): Action | null {
  return allActions().find((action) => action.keys.includes(shortcut)) ?? null;
}

export function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing || elsewhere(event.target)) return;
  if (/^(Shift|Control|Alt|Meta)$/.test(event.key)) return;
  // A frame's own clock begins when the frame does.
  const shortcut = joined(shortcutOf(event), performance.now());
  // Enter and the space bar on a button press that button.
  const onControl =
    event.target instanceof Element && event.target.closest('button, a, summary, [role="treeitem"]') !== null;
  if (onControl && (shortcut === 'Enter' || shortcut === ' ' || shortcut.includes('Arrow'))) return;
  if (!catchingUp && press(shortcut)) return event.preventDefault();
  if (offered !== null && !(catchingUp && actionFor(shortcut))) return;
  if (offered === null && !MAY_BE_OURS.test(shortcut.replace(/^[g*] /, ''))) return;
  event.preventDefault();
  held.push(shortcut);
  void bringActions();
}

/** Keys go to a field, a dialog, a menu. */
function elsewhere(target: EventTarget | null): boolean {
  // What is typed while the palette or a menu still comes was meant for it: `#` there must not delete a mail.
  if (takesText(target) || chrome.palette || chrome.opening) return true;
  return confirming.question !== null || document.querySelector('dialog[open], [popover]:popover-open') !== null;
}

/** False where the key means nothing now. */
function press(shortcut: string): boolean {
  const action = actionFor(shortcut);
  if (!action || action.may?.() === false || !(action.enabled() || NEED_NO_SELECTION.has(action.id))) return false;
  void action.run();
  return true;
}
