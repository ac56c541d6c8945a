/** Keeps the screens in step with the server for as long as they are open. */
import { displayName } from '@smartmail/jmap/addresses.ts';
import type { Id } from '@smartmail/jmap/types.ts';
import { connection } from '../app/connection.svelte.ts';
import { device } from '../app/device.svelte.ts';
import { t } from '../app/language.svelte.ts';
import { listing } from '../app/listing.svelte.ts';
import { recountTags } from '../app/tags.svelte.ts';
import { notices } from '../app/notices.svelte.ts';
import { place } from '../app/place.svelte.ts';

export function live(): (() => void) | undefined {
  device.onMoved(() => listing.refresh());
  connection.changed = () => place.accountId !== null && listing.refresh();
  const { account } = connection;
  if (!account) return undefined;
  // Rights that were given or taken are told as a session of another state: by the event stream, and, for those of the
  // time before it was open, by the first answer after it.
  let opened = false;
  account.pipeline.sessionChanged = () => void connection.learn();
  const stop = account.onChange('Session', () => opened && void connection.learn());
  const end = account.watch({
    changed(arrived) {
      if (place.accountId === null) listing.refresh();
      recountTags();
      if (connection.account) device.changed(connection.account);
      setTimeout(() => announce(arrived), 500);
    },
    connected(open) {
      connection.online = open;
      if (open) void device.drain();
      if (open) connection.lookAgain();
      if (open) queueMicrotask(() => (opened = true));
      // An event stream never tells why it broke: because the session is over, perhaps.
      if (!open) void connection.check();
    },
    elsewhere: (id, states) => connection.heardOf(id, states),
    failed: (error) => connection.failed(error),
  });
  return () => {
    stop();
    account.pipeline.sessionChanged = () => undefined;
    end();
  };
}

/** New mail is told to screen readers once its row has come. */
function announce(arrived: Id[]): void {
  const email = arrived.map((id) => connection.account?.emails.get(id)).find((each) => each && !each.keywords.$seen);
  const from = email?.from?.[0];
  if (!email || !from) return;
  notices.spoken = t('list.arrived', { from: displayName(from), subject: email.subject ?? t('list.noSubject') });
}
