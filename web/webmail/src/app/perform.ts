/** How every act on messages runs: at once on the screen, then on the server, with a way back. */
import type { Account } from '@smartmail/jmap/account.ts';
import type { EmailChange } from '@smartmail/jmap/change.ts';
import type { Flags } from '@smartmail/jmap/flags.ts';
import { type Pending, Stopped } from '@smartmail/jmap/outbox.ts';
import type { Id } from '@smartmail/jmap/types.ts';
import { connection } from './connection.svelte.ts';
import { collapsed, withConversations } from './conversations.ts';
import { t } from './language.svelte.ts';
import { listing } from './listing.svelte.ts';
import { notices } from './notices.svelte.ts';
import { place } from './place.svelte.ts';
import { screen } from './screen.svelte.ts';

/** From here on a person waits long enough to want to see how far it is. */
export const WORTH_PROGRESS = 1000;

export interface Act {
  ids: Id[];
  change: EmailChange;
  /** The rows leave the list. */
  leaves: boolean;
  /** Meant for the conversations where rows stand for these; so is what leaves the list. */
  whole?: boolean;
  /** Said of so many messages when it is done; nothing is said without. */
  notice?: ((count: number) => string) | string | undefined;
}

export async function perform(act: Act): Promise<void> {
  const account = connection.mail;
  if (!account || act.ids.length === 0) return;
  const after = act.leaves ? whereNext(act.ids) : null;
  const hidden = act.leaves ? listing.hide(act.ids) : null;
  after?.();
  const ids = collapsed() && (act.whole ?? act.leaves) ? await withConversations(act.ids) : act.ids;
  const said = typeof act.notice === 'function' ? act.notice(ids.length) : act.notice;
  let shown: number | null = null;
  const many = ids.length > WORTH_PROGRESS;
  const tell = (done: number, total: number): void => {
    if (shown !== null) notices.change(shown, t('notice.working', { done, total }));
  };
  let pending: Pending | null = null;
  let working = many;
  let stopping = false;
  const undo = (reached?: Id[]): void => {
    hidden?.restore();
    // What has not been sent yet stays as it is; what has been sent comes back when it is known how far that went.
    stopping = pending === null || (working && pending.stop());
    if (stopping || pending === null) return;
    const ids = reached && new Set(reached);
    const way = ids ? new Map([...pending.undo].filter(([id]) => ids.has(id))) : pending.undo;
    account.outbox.change(way).done.catch(reportFailure);
    notices.show(t('notice.undone'));
  };
  // The way back is there at once, for many too: what leads back travels after what it takes back.
  const text = many ? t('notice.working', { done: 0, total: ids.length }) : said;
  const way = said === undefined ? {} : { undo: () => undo() };
  const show = (): void => {
    if (text !== undefined) shown = notices.show(text, { ...way, stays: many, working: many });
  };
  if (many) show();
  const unseen = ids.filter((id) => !account.emails.has(id));
  const before = unseen.length > 0 ? await flagsBefore(account, unseen) : undefined;
  if (stopping) return void notices.show(t('notice.undone'));
  pending = account.outbox.change(new Map(ids.map((id) => [id, act.change])), many ? tell : undefined, before);
  if (!many) show();
  try {
    await pending.done;
    working = false;
    // It was through before it could be stopped.
    if (stopping) return undo();
    hidden?.forget();
    if (many && shown !== null) notices.settle(shown, said);
  } catch (error) {
    working = false;
    if (error instanceof Stopped) return undo(error.ids);
    hidden?.restore();
    if (shown !== null) notices.forget(shown);
    reportFailure(error);
  }
}

/** Of rows that were chosen unseen. Out of reach of the server the opposite of each change is what leads back. */
async function flagsBefore(account: Account, unseen: Id[]): Promise<Map<Id, Flags> | undefined> {
  try {
    return await (await import('@smartmail/jmap/flags.ts')).flagsOf(account, unseen);
  } catch (error) {
    connection.failed(error);
    return undefined;
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
