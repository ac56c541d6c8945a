/** What a row of a mailbox shows and carries, and the ways from it to what is done with mailboxes, which is fetched then. */
import type { Id, Mailbox } from '@smartmail/jmap/types.ts';
import { tick } from 'svelte';
import { lazyAction } from '../app/lazy-action.ts';
import { settings } from '../app/settings.svelte.ts';
import type * as Acts from './mailbox-acts.ts';

export const DRAGGED_MAILBOX = 'application/x-smartmail-mailbox';

const acts = (): Promise<typeof Acts | null> => lazyAction(import('./mailbox-acts.ts'));

export function colourOf(id: Id): string | undefined {
  return settings.of('mailboxColours')?.[id];
}

/** One mailbox was dropped on the row of another: in its middle, or at an edge. */
export async function dropMailbox(id: Id, on: Mailbox, where: 'into' | 'before' | 'after' | null): Promise<void> {
  const code = await acts();
  if (where === 'into') await code?.moveFolder(id, on.role === null ? on.id : null);
  else await code?.placeFolder(id, on, where === 'after');
}

/** Alt and an arrow on a mailbox's link: the keyboard's way of dragging. */
export async function stepByKey(event: KeyboardEvent & { currentTarget: HTMLElement }, id: Id): Promise<void> {
  const by = event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' ? 1 : 0;
  if (!event.altKey || by === 0) return;
  event.preventDefault();
  const link = event.currentTarget;
  await (await acts())?.stepFolder(id, by);
  // Its row has moved in the page, which takes the focus off.
  await tick();
  link.focus();
}
