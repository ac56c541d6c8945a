/** Messages on paper, one after the other, each on a page of its own: the sheet is made, printed and thrown away. */
import type { Email, Id, RenderedBody } from '@smartmail/jmap/types.ts';
import { mount, unmount } from 'svelte';
import { connection } from '../app/connection.svelte.ts';
import { failureKey } from '../app/failure-text.ts';
import { t } from '../app/language.svelte.ts';
import { notices } from '../app/notices.svelte.ts';
import '../reading/print.css';
import PrintSheet from './PrintSheet.svelte';

export interface Printed {
  email: Email;
  body: RenderedBody;
}

const MOST = 50;

export async function printMany(ids: Id[], images = false): Promise<void> {
  const account = connection.mail;
  if (!account || ids.length === 0) return;
  if (ids.length > MOST) return void notices.show(t('print.tooMany', { most: MOST }), { tone: 'bad' });
  const stop = new AbortController();
  const how = { undo: () => stop.abort(), stays: true, working: true };
  const shown = notices.show(t('print.making', { count: ids.length }), how);
  const found: Printed[] = [];
  try {
    for (const id of ids) {
      if (stop.signal.aborted) return;
      const [email, body] = await Promise.all([account.detail(id), account.render(id, images)]);
      found.push({ email, body });
    }
  } catch (error) {
    connection.failed(error);
    return void notices.show(t(failureKey(error)), { tone: 'bad' });
  } finally {
    notices.forget(shown);
  }
  const { promise, ready } = whenReady();
  const sheet = mount(PrintSheet, { target: document.body, props: { mails: found, ready } });
  await promise;
  addEventListener('afterprint', () => void unmount(sheet), { once: true });
  window.print();
}

function whenReady(): { promise: Promise<void>; ready: () => void } {
  let ready: () => void = () => undefined;
  const promise = new Promise<void>((resolve) => (ready = resolve));
  return { promise, ready };
}
