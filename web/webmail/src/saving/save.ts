/** Originals to files: one message as .eml, several as a ZIP of them. */
import { bundleOf, MOST_IN_BUNDLE } from '@smartmail/jmap/bundles.ts';
import { RequestFailure } from '@smartmail/jmap/errors.ts';
import type { Id } from '@smartmail/jmap/types.ts';
import { known } from '../actions/action.ts';
import { connection } from '../app/connection.svelte.ts';
import { failureKey } from '../app/failure-text.ts';
import { t } from '../app/language.svelte.ts';
import { notices } from '../app/notices.svelte.ts';
import { wantsProof } from '../proof/explain.ts';
import { fileNameOf } from '../app/file-name.ts';

/** An address stands so long for what the browser still writes. */
const KEPT_MS = 60_000;

export async function save(ids: Id[]): Promise<void> {
  const [email] = known(ids);
  const account = connection.mail;
  if (!account || ids.length === 0) return;
  if (ids.length === 1 && email) {
    const name = fileNameOf(email.subject);
    return give(account.downloadUrl(email.blobId, name, 'message/rfc822'), name);
  }
  if (ids.length > MOST_IN_BUNDLE) return say('save.tooMany');
  const { asking } = await import('./proof-request.ts');
  await asking(() => bundle(account.id, ids));
}

/** Raises what wants a proof; all else is told here. */
async function bundle(accountId: Id, ids: Id[]): Promise<void> {
  const stop = new AbortController();
  const how = { undo: () => stop.abort(), stays: true, working: true };
  const shown = notices.show(t('save.making', { count: ids.length }), how);
  try {
    const file = await bundleOf(accountId, ids, stop.signal);
    const url = URL.createObjectURL(file);
    give(url, fileNameOf(t('save.fileName', { count: ids.length }), 'zip'));
    setTimeout(() => URL.revokeObjectURL(url), KEPT_MS);
    notices.show(t('save.done', { count: ids.length }));
  } catch (error) {
    if (wantsProof(error)) throw error;
    if (!stop.signal.aborted) failed(error);
  } finally {
    notices.forget(shown);
  }
}

function failed(error: unknown): void {
  connection.failed(error);
  const status = error instanceof RequestFailure ? error.status : 0;
  if (status === 413) say('save.tooMany');
  else if (status === 403) say('save.forbidden');
  else notices.show(t(failureKey(error)), { tone: 'bad' });
}

function say(key: 'save.tooMany' | 'save.forbidden'): void {
  notices.show(t(key), { tone: 'bad' });
}

function give(url: string, name: string): void {
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
}
