/** Contacts as files: sent up to be looked at and taken in, and taken out. */
import { type ExportFormat, exportCards, getCards, destroyCards, type ImportResult } from '@smartmail/jmap/contacts.ts';
import { importCards } from '@smartmail/jmap/contacts.ts';
import type { Id } from '@smartmail/jmap/types.ts';
import { connection } from '../app/connection.svelte.ts';
import { t } from '../app/language.svelte.ts';
import { notices } from '../app/notices.svelte.ts';
import { reportFailure } from '../app/perform.ts';
import { shown } from './shown.svelte.ts';

export interface ImportWish {
  addressBookId: Id | null;
  onDuplicate: 'skip' | 'add';
}

export async function sendUp(file: File): Promise<Id> {
  const { account } = connection;
  if (!account) throw new Error('no account');
  return (await account.upload(file, {})).blobId;
}

/** What would come of it; nothing is kept. */
export function rehearse(blobId: Id, wish: ImportWish): Promise<ImportResult> {
  const { account } = connection;
  if (!account) return Promise.reject(new Error('no account'));
  return importCards(account.pipeline, blobId, { ...wish, dryRun: true });
}

export async function takeIn(blobId: Id, wish: ImportWish): Promise<ImportResult> {
  const { account } = connection;
  if (!account) throw new Error('no account');
  const { pipeline } = account;
  const result = await importCards(pipeline, blobId, { ...wish, dryRun: false });
  const made = result.entries.flatMap(({ outcome, id }) => (outcome === 'created' && id !== null ? [id] : []));
  const undo = (): void => {
    getCards(pipeline, made)
      .then((cards) => destroyCards(pipeline, cards).done)
      .then(() => (notices.show(t('notice.undone')), shown.refresh()))
      .catch(reportFailure);
  };
  await shown.refresh();
  notices.show(t('contacts.imported', { count: result.created }), made.length > 0 ? { undo } : {});
  return result;
}

/** `ids` null: all of the book, or of all books. */
export async function takeOut(ids: Id[] | null, addressBookId: Id | null, format: ExportFormat): Promise<void> {
  const { account } = connection;
  if (!account) return;
  try {
    const file = await exportCards(account.pipeline, { ids, addressBookId, format });
    const link = document.createElement('a');
    link.href = account.downloadUrl(file.blobId, file.name, file.type);
    link.download = file.name;
    link.click();
    notices.show(t('contacts.exported', { count: file.count }));
  } catch (error) {
    connection.failed(error);
    notices.show(t('contacts.exportFailed'), { tone: 'bad' });
  }
}
