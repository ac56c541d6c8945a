/** Bulletins while no page is open: what is new on the board is told once, and never passes the push service. */
import { call } from './calls.ts';
import type { Memo } from '../app/worker-memo.ts';

interface Bulletin {
  id: string;
  title: string;
  isPopped: boolean;
  isClosed: boolean;
  readAt: string | null;
}

/** More at once are told as one number. */
const MOST_SHOWN = 3;
export const BOARD = '/#/bulletins';

/** What of the board the person has not heard of, and the memo that knows it from now on; null: it could not be asked. */
export async function newBulletins(memo: Memo): Promise<{ fresh: Bulletin[] | null; memo: Memo }> {
  const [answer] = await call(memo, [['Bulletin/get', { accountId: memo.accountId, ids: null }, 'b']]).catch(() => []);
  const list = (answer as { list?: Bulletin[] } | undefined)?.list;
  if (!list) return { fresh: null, memo };
  const unseen = list.filter((one) => !one.isPopped && !one.isClosed && one.readAt === null);
  const fresh = unseen.filter(({ id }) => memo.bulletins?.includes(id) !== true);
  // Asked for anew, an old one is news again.
  const told = fresh.length > 0 ? fresh : unseen.slice(0, 1);
  return { fresh: told, memo: { ...memo, bulletins: list.map(({ id }) => id) } };
}

export async function showBulletins(
  worker: WorkerScope,
  { words, mayContent }: Memo,
  fresh: Bulletin[] | null,
  silent: boolean,
): Promise<void> {
  const { registration } = worker;
  const base = { icon: '/icon-192.png', badge: '/icon-192.png', data: { place: BOARD } };
  const title = words.bulletin ?? words.arrived;
  if (fresh && fresh.length > 0 && fresh.length <= MOST_SHOWN && mayContent) {
    for (const { id, title: body } of fresh)
      await registration.showNotification(title, { ...base, silent, body, tag: `bulletin-${id}` });
    return;
  }
  const count = fresh?.length ?? 0;
  const body = count > 1 ? `${words.bulletinText ?? ''} (${count})` : (words.bulletinText ?? '');
  const nothing = fresh?.length === 0;
  await registration.showNotification(title, { ...base, silent: silent || nothing, body, tag: 'bulletin' });
  // The browser wants to see something for each push; where nothing is to be said, it is taken away.
  if (nothing) for (const each of await registration.getNotifications({ tag: 'bulletin' })) each.close();
}
