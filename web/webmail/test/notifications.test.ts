/** What a device says of new mail while no page is open, and what its buttons do. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Memo, readMemo, writeMemo } from '../src/app/worker-memo.ts';
import { actOnNotification, heard, isQuiet } from '../src/worker/notifications.ts';

const MEMO: Memo = {
  apiUrl: '/jmap/api/',
  accountId: 'a1',
  inbox: 'm1',
  archive: 'm6',
  trash: 'm4',
  mayContent: true,
  quiet: null,
  state: '7',
  words: {
    arrived: '새 메일',
    arrivedText: '받은메일함에 새 메일이 왔습니다.',
    arrivedElsewhere: '메일함에 새 메일이 왔습니다.',
    archive: '보관함',
    trash: '삭제',
    reply: '답장',
    noSubject: '(제목 없음)',
    bulletin: '새 공지',
    bulletinText: '회사에서 새 공지를 올렸습니다.',
  },
};
const PUSH = { '@type': 'StateChange', changed: { a1: { Email: '8' } } };

interface Shown {
  title: string;
  body?: string;
  silent?: boolean;
  tag?: string;
  actions?: { action: string }[];
}

let shown: Shown[];
let closed: number;
let asked: [string, Record<string, unknown>][];
let rows: object[];
let board: object[];
let pages: { visibilityState: string; url: string; focus: () => void; navigate: (url: string) => void }[];
let opened: string[];
/** What Email/set answers. */
let moved: object;

const worker = {
  registration: {
    showNotification: (title: string, options: object) => Promise.resolve(void shown.push({ title, ...options })),
    getNotifications: () => Promise.resolve([{ close: () => (closed += 1) }]),
  },
  clients: {
    matchAll: () => Promise.resolve(pages),
    openWindow: (url: string) => Promise.resolve(void opened.push(url)),
  },
} as unknown as WorkerScope;

function mail(id: string, more: object = {}): object {
  const from = [{ name: '김민지', email: 'kim@hanbit.example' }];
  return { id, from, subject: '예산 회의', mailboxIds: { m1: true }, keywords: {}, ...more };
}

beforeEach(async () => {
  shown = [];
  closed = 0;
  asked = [];
  rows = [mail('e1')];
  board = [];
  pages = [];
  opened = [];
  moved = { updated: { e1: null } };
  const kept = new Map<string, string>();
  vi.stubGlobal('caches', {
    open: () =>
      Promise.resolve({
        match: (key: string) => Promise.resolve(kept.has(key) ? new Response(kept.get(key)) : undefined),
        put: async (key: string, response: Response) => void kept.set(key, await response.text()),
      }),
  });
  vi.stubGlobal('fetch', (_url: string, init: { headers: Record<string, string>; body: string }) => {
    // Without this header the server takes no request of a page.
    expect(init.headers['X-SmartMail']).toBe('1');
    const { methodCalls } = JSON.parse(init.body) as { methodCalls: [string, Record<string, unknown>, string][] };
    const answers: Record<string, object> = {
      'Email/changes': { newState: '8' },
      'Email/get': { list: rows },
      'Email/set': moved,
      'Bulletin/get': { list: board },
    };
    for (const [name, args] of methodCalls) asked.push([name, args]);
    const methodResponses = methodCalls.map(([name, , id]) => [name, answers[name] ?? {}, id]);
    return Promise.resolve(new Response(JSON.stringify({ methodResponses })));
  });
  await writeMemo(MEMO);
});

afterEach(() => vi.unstubAllGlobals());

test('new mail is told with sender, subject and buttons, once', async () => {
  await heard(worker, PUSH);
  expect(shown).toMatchObject([{ title: '김민지', body: '예산 회의', silent: false }]);
  expect(shown[0]?.actions?.map(({ action }) => action)).toEqual(['archive', 'reply']);
  expect(asked[0]).toEqual(['Email/changes', { accountId: 'a1', sinceState: '7', maxChanges: 50 }]);
  expect((await readMemo())?.state).toBe('8');
});

const NEWS = { '@type': 'StateChange', changed: { a1: { Bulletin: 'x' } } };

function bulletin(id: string, more: object = {}): object {
  return { id, title: `공지 ${id}`, isPopped: false, isClosed: false, readAt: null, ...more };
}

test('a bulletin is told once, with its title, and opens the board; mail is not asked for', async () => {
  board = [bulletin('b2'), bulletin('b1', { readAt: '2026-11-27T00:00:00Z' })];
  await heard(worker, NEWS);
  expect(shown).toMatchObject([{ title: '새 공지', body: '공지 b2', silent: false, tag: 'bulletin-b2' }]);
  expect(asked.map(([name]) => name)).toEqual(['Bulletin/get']);
  shown = [];
  board = [bulletin('b3'), ...board];
  await heard(worker, NEWS);
  expect(shown).toMatchObject([{ body: '공지 b3' }]);
  await actOnNotification(worker, { data: { place: '/#/bulletins' } } as Notification, '');
  expect(opened).toEqual(['/#/bulletins']);
});

test('an old bulletin that everybody is asked anew about is told again', async () => {
  board = [bulletin('b1')];
  await heard(worker, NEWS);
  shown = [];
  await heard(worker, NEWS);
  expect(shown).toMatchObject([{ body: '공지 b1' }]);
});

test('of a bulletin no word is shown where policy forbids it, and nothing of one that was read', async () => {
  board = [bulletin('b1')];
  await writeMemo({ ...MEMO, mayContent: false });
  await heard(worker, NEWS);
  expect(JSON.stringify(shown)).not.toMatch(/b1"|공지 b1/);
  expect(shown).toMatchObject([{ title: '새 공지', body: '회사에서 새 공지를 올렸습니다.', silent: false }]);
  shown = [];
  board = [bulletin('b1', { isClosed: true })];
  await heard(worker, NEWS);
  expect(shown).toMatchObject([{ silent: true }]);
  expect(closed).toBe(1);
});

test('a bulletin that came up on the screen is no news later on', async () => {
  board = [bulletin('b1')];
  pages = [{ visibilityState: 'visible', url: '/', focus: vi.fn(), navigate: vi.fn() }];
  await heard(worker, NEWS);
  expect(shown).toEqual([]);
  pages = [];
  board = [bulletin('b2'), ...board];
  await heard(worker, { ...PUSH, changed: { a1: { Email: '8', Bulletin: 'y' } } });
  expect(shown).toMatchObject([{ body: '공지 b2' }, { title: '김민지' }]);
  expect(await readMemo()).toMatchObject({ state: '8', bulletins: ['b2', 'b1'] });
});

test('where policy forbids it, no word of the mail is shown', async () => {
  await writeMemo({ ...MEMO, mayContent: false });
  await heard(worker, PUSH);
  expect(JSON.stringify(shown)).not.toMatch(/김민지|예산/);
  expect(shown).toMatchObject([{ title: '새 메일', body: '받은메일함에 새 메일이 왔습니다.' }]);
});

test('many at once are one number; mail elsewhere and mail that was read are none', async () => {
  rows = Array.from({ length: 5 }, (_, n) => mail(`e${n}`));
  await heard(worker, PUSH);
  expect(shown).toMatchObject([{ title: '새 메일', body: '받은메일함에 새 메일이 왔습니다. (5)' }]);
  shown = [];
  rows = [mail('e1', { keywords: { $seen: true } }), mail('e2', { mailboxIds: { m5: true } })];
  await heard(worker, PUSH);
  expect(shown).toMatchObject([{ silent: true }]);
  expect(closed, 'what had to be shown is taken away again').toBe(1);
});

test('nothing is told to somebody who looks at the list', async () => {
  pages = [{ visibilityState: 'visible', url: '/', focus: vi.fn(), navigate: vi.fn() }];
  await heard(worker, PUSH);
  expect(shown).toEqual([]);
});

test('a server that cannot be asked is no reason for silence', async () => {
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('no line')));
  await heard(worker, PUSH);
  expect(shown).toMatchObject([{ title: '새 메일' }]);
});

test('quiet hours make no sound', async () => {
  const at = (clock: string): Date => new Date(`2026-11-27T${clock}:00`);
  const night = { quiet: { from: 22 * 60, until: 7 * 60 } };
  expect(['21:59', '22:00', '03:00', '06:59', '07:00'].map((clock) => isQuiet(night, at(clock)))).toEqual([
    false,
    true,
    true,
    true,
    false,
  ]);
  expect(isQuiet({ quiet: { from: 60, until: 120 } }, at('01:30'))).toBe(true);
  // The 27th of November 2026 is a Friday.
  expect([[], [5], [0, 6]].map((quietDays) => isQuiet({ quiet: null, quietDays }, at('12:00')))).toEqual([
    false,
    true,
    false,
  ]);
  const now = new Date();
  const minute = now.getHours() * 60 + now.getMinutes();
  await writeMemo({ ...MEMO, quiet: { from: minute, until: (minute + 5) % 1440 } });
  await heard(worker, PUSH);
  expect(shown).toMatchObject([{ silent: true }]);
});

test('the server is shown that we read what it sends', async () => {
  await heard(worker, { '@type': 'PushVerification', pushSubscriptionId: 'p1', verificationCode: 'x' });
  expect(asked).toEqual([['PushSubscription/set', { update: { p1: { verificationCode: 'x' } } }]]);
  expect(shown).toEqual([]);
});

test('buttons act: archive moves, reply opens a letter, a click opens the mail', async () => {
  const notification = { data: { id: 'e1' } } as unknown as Notification;
  await actOnNotification(worker, notification, 'archive');
  expect(asked).toEqual([
    ['Email/set', { accountId: 'a1', update: { e1: { 'mailboxIds/m1': null, 'mailboxIds/m6': true } } }],
  ]);
  await actOnNotification(worker, notification, 'reply');
  await actOnNotification(worker, notification, '');
  expect(opened).toEqual(['/#m1/e1?act=reply', '/#m1/e1']);
  const navigate = vi.fn();
  pages = [{ visibilityState: 'hidden', url: '/', focus: vi.fn(), navigate }];
  await actOnNotification(worker, notification, '');
  expect(navigate).toHaveBeenCalledWith('/#m1/e1');
});

test('only the mailboxes that the person chose are told of', async () => {
  const filed = mail('e2', { mailboxIds: { m9: true } });
  rows = [filed];
  await heard(worker, PUSH);
  expect(shown, 'without a choice the inbox alone').toMatchObject([{ silent: true }]);
  shown = [];
  await writeMemo({ ...MEMO, mailboxes: ['m1', 'm9'] });
  rows = [mail('e1', { mailboxIds: { m1: true, m9: true } }), filed, mail('e3', { mailboxIds: { m5: true } })];
  await heard(worker, PUSH);
  expect(shown).toMatchObject([{ data: { id: 'e1', mailboxId: 'm1' } }, { data: { id: 'e2', mailboxId: 'm9' } }]);
  shown = [];
  await writeMemo({ ...MEMO, mailboxes: ['m9'], mayContent: false });
  rows = [mail('e1'), filed];
  await heard(worker, PUSH);
  expect(shown).toMatchObject([{ title: '새 메일', body: '메일함에 새 메일이 왔습니다.' }]);
  shown = [];
  await writeMemo({ ...MEMO, mailboxes: [] });
  await heard(worker, PUSH);
  expect(shown, 'whoever chose none hears of none').toMatchObject([{ silent: true }]);
});

test('buttons act where the mail lies, and what a button could not do opens the mail', async () => {
  const notification = { data: { id: 'e2', mailboxId: 'm9' } } as unknown as Notification;
  await actOnNotification(worker, notification, 'archive');
  expect(asked).toEqual([
    ['Email/set', { accountId: 'a1', update: { e2: { 'mailboxIds/m9': null, 'mailboxIds/m6': true } } }],
  ]);
  await actOnNotification(worker, notification, 'reply');
  expect(opened).toEqual(['/#m9/e2?act=reply']);
  moved = { notUpdated: { e2: { type: 'forbidden' } } };
  await actOnNotification(worker, notification, 'archive');
  vi.stubGlobal('fetch', () => Promise.resolve(new Response('', { status: 401 })));
  await actOnNotification(worker, notification, 'archive');
  expect(opened.slice(1)).toEqual(['/#m9/e2', '/#m9/e2']);
});

test('mail that comes back at its hour is told once, read or not', async () => {
  const back = (at: number): object => ({
    reminder: { kind: 'snooze', state: 'woken', at: new Date(at).toISOString() },
    keywords: { $seen: true },
  });
  rows = [mail('e1', back(Date.now() - 5000)), mail('e2', back(Date.now() - 3_600_000))];
  await heard(worker, PUSH);
  expect(shown).toMatchObject([{ title: '김민지', body: '예산 회의' }]);
  expect(asked[2]).toMatchObject(['Email/get', { '#ids': { path: '/updated' } }]);
});
