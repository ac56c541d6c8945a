/**
 * Notifications while no page is open. A push tells only that something has changed (RFC 8620 §7.2): what it was is asked
 * of the server with the person's own session, so that nothing of a mail passes the push service.
 */
import type { Reminder } from '@smartmail/jmap/types.ts';
import { call } from './calls.ts';
import { type Memo, readMemo, writeMemo } from '../app/worker-memo.ts';
import { newBulletins, showBulletins } from './news.ts';

interface Told {
  '@type'?: string;
  pushSubscriptionId?: string;
  verificationCode?: string;
  /** By account and type. */
  changed?: Record<string, Record<string, string>>;
}

interface Row {
  id: string;
  from: { name: string | null; email: string }[] | null;
  subject: string | null;
  mailboxIds: Record<string, true>;
  keywords: Record<string, true>;
  reminder?: Reminder | null;
}

/** More at once are told as one number. */
const MOST_SHOWN = 3;
const MOST_ROWS = 50;
const BULLETIN = 'Bulletin';
/** What came back longer ago was told then, or is no news. */
const FRESH_MS = 10 * 60_000;
const PROPERTIES = ['id', 'from', 'subject', 'mailboxIds', 'keywords'];

export async function heard(worker: WorkerScope, message: unknown): Promise<void> {
  const memo = await readMemo();
  if (!memo) return;
  const told = (message ?? {}) as Told;
  if (told['@type'] === 'PushVerification') return verify(memo, told);
  // Whoever looks at the list sees the row itself.
  const pages = await worker.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const isSeen = pages.some((page) => page.visibilityState === 'visible');
  const kinds = Object.values(told.changed ?? {}).flatMap((types) => Object.keys(types));
  if (kinds.includes(BULLETIN)) await news(worker, memo, isSeen);
  if (isSeen || (kinds.length > 0 && kinds.every((kind) => kind === BULLETIN))) return;
  await mail(worker, (await readMemo()) ?? memo);
}

/** Also what is on the screen already is no news later on. */
async function news(worker: WorkerScope, before: Memo, isSeen: boolean): Promise<void> {
  const { fresh, memo } = await newBulletins(before);
  if (fresh) await writeMemo(memo);
  if (!isSeen) await showBulletins(worker, memo, fresh, isQuiet(memo, new Date()));
}

async function mail(worker: WorkerScope, memo: Memo): Promise<void> {
  const rows = await arrived(memo).catch(() => null);
  // The browser wants to see something for each push; where nothing is to be said, it is said without a sound and taken away.
  if (rows?.length === 0) return show(worker, memo, [], true);
  await show(worker, memo, rows, isQuiet(memo, new Date()));
}

/** RFC 8620 §7.2.2: shows the server that we read what it sends. */
async function verify(memo: Memo, { pushSubscriptionId = '', verificationCode }: Told): Promise<void> {
  await call(memo, [['PushSubscription/set', { update: { [pushSubscriptionId]: { verificationCode } } }, 'v']]);
}

/** What is new and unread in the mailboxes that the person wants to hear of, and what has come back to them. */
async function arrived(memo: Memo): Promise<Row[]> {
  const { accountId, state } = memo;
  if (state === null) return [];
  const [changes, rows, others] = await call(memo, [
    ['Email/changes', { accountId, sinceState: state, maxChanges: MOST_ROWS }, 'c'],
    [
      'Email/get',
      {
        accountId,
        '#ids': { resultOf: 'c', name: 'Email/changes', path: '/created' },
        properties: PROPERTIES,
      },
      'g',
    ],
    [
      'Email/get',
      {
        accountId,
        '#ids': { resultOf: 'c', name: 'Email/changes', path: '/updated' },
        properties: [...PROPERTIES, 'reminder'],
      },
      'u',
    ],
  ]);
  const next = (changes as { newState?: string } | undefined)?.newState;
  if (next !== undefined) await writeMemo({ ...memo, state: next });
  const list = (rows as { list?: Row[] } | undefined)?.list ?? [];
  const back = ((others as { list?: Row[] } | undefined)?.list ?? []).filter(cameBack);
  return [...list.filter((row) => !row.keywords.$seen), ...back].filter((row) => placeOf(memo, row) !== undefined);
}

/** The mailbox for which a mail is told: the inbox before others. */
function placeOf(memo: Memo, { mailboxIds }: Row): string | undefined {
  const wanted = memo.mailboxes ?? [memo.inbox];
  return wanted.includes(memo.inbox) && memo.inbox in mailboxIds ? memo.inbox : wanted.find((id) => id in mailboxIds);
}

function cameBack({ reminder }: Row): boolean {
  return reminder?.state === 'woken' && Date.parse(reminder.at) > Date.now() - FRESH_MS;
}

async function show(worker: WorkerScope, memo: Memo, rows: Row[] | null, silent: boolean): Promise<void> {
  const { words } = memo;
  const { registration } = worker;
  const base = { icon: '/icon-192.png', badge: '/icon-192.png', silent };
  if (rows && rows.length > 0 && rows.length <= MOST_SHOWN && memo.mayContent) {
    for (const row of rows) {
      const from = row.from?.[0];
      const options = {
        ...base,
        body: row.subject || words.noSubject,
        tag: `mail-${row.id}`,
        data: { id: row.id, mailboxId: placeOf(memo, row) },
        actions: actionsOf(memo),
      };
      await registration.showNotification(from?.name || from?.email || words.arrived, options as NotificationOptions);
    }
    return;
  }
  const count = rows?.length ?? 0;
  const elsewhere = rows?.some((row) => placeOf(memo, row) !== memo.inbox) === true;
  const text = elsewhere ? words.arrivedElsewhere : words.arrivedText;
  const body = count > 1 ? `${text} (${count})` : text;
  await registration.showNotification(words.arrived, { ...base, body, tag: 'mail', data: {} });
  if (count > 0 || rows === null) return;
  for (const each of await registration.getNotifications({ tag: 'mail' })) each.close();
}

function actionsOf(memo: Memo): { action: string; title: string }[] {
  const { words } = memo;
  const away =
    memo.archive !== null ? [{ action: 'archive', title: words.archive }] : [{ action: 'trash', title: words.trash }];
  return [...away, { action: 'reply', title: words.reply }];
}

export async function actOnNotification(
  worker: WorkerScope,
  notification: Notification,
  action: string,
): Promise<void> {
  const memo = await readMemo();
  const data = (notification.data ?? {}) as { id?: string; mailboxId?: string; place?: string };
  if (data.place !== undefined) return openPage(worker, data.place);
  const { id, mailboxId } = data;
  const from = mailboxId ?? memo?.inbox ?? '';
  const to = action === 'archive' ? memo?.archive : action === 'trash' ? memo?.trash : null;
  // What could not be done is done by the person: the mail opens.
  if (memo && id !== undefined && to && (await move(memo, id, from, to).catch(() => false))) return;
  const answer = action === 'reply' ? '?act=reply' : '';
  const place = `/#${encodeURIComponent(from)}`;
  await openPage(worker, id === undefined ? place : `${place}/${encodeURIComponent(id)}${answer}`);
}

async function move(memo: Memo, id: string, from: string, to: string): Promise<boolean> {
  const patch = { [`mailboxIds/${from}`]: null, [`mailboxIds/${to}`]: true };
  const [answer] = await call(memo, [['Email/set', { accountId: memo.accountId, update: { [id]: patch } }, 's']]);
  return answer !== undefined && !(answer as { notUpdated?: object | null }).notUpdated;
}

/** The page that is open, or a new one. */
async function openPage(worker: WorkerScope, where: string): Promise<void> {
  const [open] = await worker.clients.matchAll({ type: 'window', includeUncontrolled: true });
  if (!open) {
    await worker.clients.openWindow(where);
    return;
  }
  await open.focus();
  await open.navigate(where);
}

/** Days and hours in which the person wants to hear nothing; the night may lie between the hours. */
export function isQuiet(memo: Pick<Memo, 'quiet' | 'quietDays'>, now: Date): boolean {
  if (memo.quietDays?.includes(now.getDay())) return true;
  if (!memo.quiet) return false;
  const { from, until } = memo.quiet;
  const minute = now.getHours() * 60 + now.getMinutes();
  return from <= until ? minute >= from && minute < until : minute >= from || minute < until;
}
