/** Files of mail that are let go over a mailbox: each becomes a message in it, undone together. */
import { MethodFailure } from '@smartmail/jmap/errors.ts';
import type { SetResult } from '@smartmail/jmap/methods.ts';
import type { Id, Mailbox } from '@smartmail/jmap/types.ts';
import { connection } from '../app/connection.svelte.ts';
import { t } from '../app/language.svelte.ts';
import { nameOf } from '../app/mailboxes.svelte.ts';
import { notices } from '../app/notices.svelte.ts';
import { reportFailure } from '../app/perform.ts';

/** More of them come as a parcel, which goes on when the page is closed. */
const MOST = 100;
const MOST_OCTETS = 50_000_000;

const isMail = (file: File): boolean => /\.eml$/i.test(file.name) || file.type === 'message/rfc822';

export async function bring(mailbox: Mailbox, given: Iterable<File>): Promise<void> {
  const account = connection.mail;
  const all = [...given];
  const files = all.filter((file) => isMail(file) && file.size > 0 && file.size <= MOST_OCTETS);
  if (!account || all.length === 0) return;
  if (all.length > MOST) return refuse(t('bring.tooMany', { most: MOST }));
  if (files.length === 0) return refuse(t('bring.none'));
  const stop = new AbortController();
  const how = { undo: () => stop.abort(), stays: true, working: true };
  const shown = notices.show(t('notice.working', { done: 0, total: files.length }), how);
  const made: Id[] = [];
  let left = all.length - files.length;
  for (const file of files) {
    if (stop.signal.aborted) break;
    try {
      const mail = new File([file], file.name, { type: 'message/rfc822' });
      const { blobId } = await account.upload(mail, { signal: stop.signal });
      const email = { blobId, mailboxIds: { [mailbox.id]: true }, keywords: { $seen: true } };
      const call = account.pipeline.send<SetResult>('Email/import', { emails: { one: email } });
      const id = (await call.result).created?.one?.id;
      if (id === undefined) left += 1;
      else made.push(id);
    } catch (error) {
      if (stop.signal.aborted) break;
      left += 1;
      if (!(error instanceof MethodFailure)) connection.failed(error);
    }
    notices.change(shown, t('notice.working', { done: made.length + left, total: all.length }));
  }
  notices.forget(shown);
  // Given up in the middle: nothing of it stays.
  if (stop.signal.aborted) return void (await takeBack(made));
  if (made.length > 0) {
    const name = nameOf(mailbox);
    const text =
      left > 0 ? t('bring.some', { count: made.length, left, name }) : t('bring.done', { count: made.length, name });
    notices.show(text, { undo: () => void takeBack(made) });
  } else refuse(t('bring.none'));
  account.outbox.resume();
}

async function takeBack(ids: Id[]): Promise<void> {
  try {
    if (ids.length > 0) await connection.mail?.outbox.destroy(ids);
    notices.show(t('notice.undone'));
  } catch (error) {
    reportFailure(error);
  }
}

function refuse(text: string): void {
  notices.show(text, { tone: 'bad' });
}
