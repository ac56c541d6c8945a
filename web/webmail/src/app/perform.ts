/** How every act on messages runs: at once on the screen, then on the server, with a way back. */
import type { EmailChange } from '@smartmail/jmap/change.ts';
import type { Id } from '@smartmail/jmap/types.ts';
import { connection } from './connection.svelte.ts';
import { t } from './language.svelte.ts';
import { listing } from './listing.svelte.ts';
import { notices } from './notices.svelte.ts';
import { place } from './place.svelte.ts';
import { screen } from './screen.svelte.ts';

/** From here on a person waits long enough to want to see how far it is. */
const WORTH_PROGRESS = 1000;

export interface Act {
  ids: Id[];
  change: EmailChange;
  /** The rows leave the list. */
  leaves: boolean;
  /** Said when it is done; nothing is said without. */
  notice?: string | undefined;
}

export async function perform(act: Act): Promise<void> {
  const { account } = connection;
  if (!account || act.ids.length === 0) return;
  const after = act.leaves ? whereNext(act.ids) : null;
  const hidden = act.leaves ? listing.hide(act.ids) : null;
  after?.();
  const progress = progressNotice(act.ids.length);
  const pending = account.outbox.change(new Map(act.ids.map((id) => [id, act.change])), progress.tell);
  const undo = (): void => {
    hidden?.restore();
    account.outbox.change(pending.undo).done.catch(reportFailure);
    notices.show(t('notice.undone'));
  };
  const few = act.notice !== undefined && act.ids.length <= WORTH_PROGRESS;
  const shown = few ? notices.show(act.notice ?? '', { undo }) : null;
  try {
    await pending.done;
    hidden?.forget();
    if (act.notice !== undefined && act.ids.length > WORTH_PROGRESS) notices.show(act.notice, { undo });
  } catch (error) {
    hidden?.restore();
    if (shown !== null) notices.forget(shown);
    reportFailure(error);
  } finally {
    progress.close();
  }
}

export function reportFailure(error: unknown): void {
  connection.failed(error);
  notices.show(t('error.takenBack'), { tone: 'bad' });
}

/** The open message leaves: with a reading pane the next one opens, without the list comes back. */
export function whereNext(ids: Id[]): (() => void) | null {
  if (place.emailId === null || !ids.includes(place.emailId)) return null;
  if (!screen.pane) return () => place.go({ emailId: null });
  const leaving = new Set(ids);
  const at = listing.indexOf(place.emailId);
  let next = at + 1;
  while (next < listing.total && leaving.has(listing.idAt(next) ?? '')) next += 1;
  let id = listing.idAt(next);
  if (id === undefined) id = listing.idAt(at - 1);
  return () => {
    place.go({ emailId: id ?? null }, true);
    if (id !== undefined) listing.moveTo(listing.indexOf(id));
  };
}

function progressNotice(count: number): { tell: (done: number, of: number) => void; close: () => void } {
  if (count <= WORTH_PROGRESS) return { tell: () => undefined, close: () => undefined };
  const id = notices.show(t('notice.working', { done: 0, total: count }), { stays: true });
  return {
    tell: (done, of) => notices.change(id, t('notice.working', { done, total: of })),
    close: () => notices.close(id),
  };
}
