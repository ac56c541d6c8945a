/** What failed in passing is tried again by itself, never twice, and leaves no draft beside what was sent. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Account } from '../src/account.ts';
import { DemoClient } from '../src/demo/client.ts';
import { MethodFailure, RequestFailure } from '../src/errors.ts';
import { LocalBackend } from '../src/local/backend.ts';
import { Letters } from '../src/local/letters.ts';
import { LocalMail } from '../src/local/mail.ts';
import type { JmapRequest, JmapResponse } from '../src/methods.ts';
import { FIRST_PAUSE_MS, LONGEST_PAUSE_MS, Retry } from '../src/retry.ts';
import type { Id } from '../src/types.ts';
import { mailboxOf } from './fixture.ts';
import { MemoryShelf } from './memory-shelf.ts';

const START = Date.parse('2026-12-01T09:00:00Z');
const QUIET = { setTimeout: true, clearTimeout: true, setInterval: true, clearInterval: true, Date: true };

beforeEach(() => {
  vi.useFakeTimers({ now: START, toFake: Object.keys(QUIET) as 'Date'[] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('the pauses', () => {
  test('grow up to a bound, and begin anew after a success', () => {
    const waits: number[] = [];
    const retry: Retry = new Retry(() => {
      waits.push(Date.now());
      retry.failed();
    });
    retry.failed();
    vi.advanceTimersByTime(5 * 60_000);
    const pauses = waits.map((at, index) => at - (waits[index - 1] ?? START));
    expect(pauses.slice(0, 7)).toEqual([2000, 4000, 8000, 16_000, 32_000, LONGEST_PAUSE_MS, LONGEST_PAUSE_MS]);
    retry.done();
    expect(retry.at).toBeNull();
    retry.failed();
    expect(retry.at).toBe(Date.now() + FIRST_PAUSE_MS);
  });

  test('end at once when a person asks, and soon when the server answers something else', () => {
    const run = vi.fn();
    const retry = new Retry(run);
    retry.now();
    retry.heard();
    expect(run).not.toHaveBeenCalled();
    for (let time = 0; time < 6; time += 1) retry.failed();
    vi.advanceTimersByTime(1000);
    retry.heard();
    expect(retry.at).toBe(START + FIRST_PAUSE_MS);
    vi.advanceTimersByTime(1000);
    expect(run).toHaveBeenCalledTimes(1);
    retry.failed();
    retry.now();
    expect(run).toHaveBeenCalledTimes(2);
    expect(retry.at).toBeNull();
    vi.advanceTimersByTime(10 * 60_000);
    expect(run).toHaveBeenCalledTimes(2);
  });
});

interface Desk {
  client: DemoClient;
  account: Account;
  letters: Letters;
  gone: string[];
  refused: unknown[];
  /** Names of the calls of each request. */
  asked: string[][];
  /** What the next requests meet, instead of the server or on their way to it. */
  meets: Answer[];
}

type Send = (asked: JmapRequest) => Promise<JmapResponse>;
type Answer = (asked: JmapRequest, send: Send) => Promise<JmapResponse>;

async function desk(keeps = true): Promise<Desk> {
  const client = new DemoClient({ size: 5, delay: 0, signedIn: true, broken: false, arrivals: 0, keeps });
  const [asked, meets, gone, refused]: [string[][], Answer[], string[], unknown[]] = [[], [], [], []];
  const request = client.request.bind(client);
  const shelf = new MemoryShelf();
  const local = new LocalMail(shelf, Date.now);
  await local.wake();
  const backend = new LocalBackend(client, local);
  const account = new Account(backend, await backend.session(), local);
  await account.loadMailboxes();
  client.request = (session, wanted) => {
    asked.push(wanted.methodCalls.map(([name]) => name));
    const send: Send = (changed) => request(session, changed);
    return meets.shift()?.(wanted, send) ?? send(wanted);
  };
  const letters = new Letters(account, local, shelf);
  letters.onRetry = () =>
    void letters.drain(
      (letter) => gone.push(letter.email.subject ?? ''),
      (_letter, error) => refused.push(error),
    );
  return { client, account, letters, gone, refused, asked, meets };
}

const busy: Answer = () => Promise.reject(new RequestFailure('busy', 503));

/** The server does it, and the line breaks before the answer. */
const cut: Answer = async (asked, send) => {
  await send(asked);
  throw new RequestFailure('offline');
};

/** All of a request is done but the sending. */
const unsent =
  (type: string): Answer =>
  async (asked, send) => {
    const methodCalls = asked.methodCalls.filter(([name]) => name !== 'EmailSubmission/set');
    const answer = await send({ ...asked, methodCalls });
    const id = asked.methodCalls.find(([name]) => name === 'EmailSubmission/set')?.[2] ?? '';
    return { ...answer, methodResponses: [...answer.methodResponses, ['error', { type }, id]] };
  };

function letter({ account }: Desk, subject: string, replaces: Id | null = null): Parameters<Letters['send']>[0] {
  const drafts = mailboxOf(account, 'drafts').id;
  const sent = mailboxOf(account, 'sent').id;
  const email = {
    mailboxIds: { [drafts]: true },
    keywords: { $draft: true },
    from: [{ name: null, email: 'han@hanbit.example' }],
    to: [{ name: null, email: 'kim@hanbit.example' }],
    messageId: [`${subject}@hanbit.example`],
    subject,
    bodyValues: { text: { value: 'words' } },
  };
  return { email, identityId: 'i1', drafts, sent, replaces };
}

async function draftOf(page: Desk, subject: string): Promise<Id> {
  const email = { ...letter(page, subject).email, messageId: [`draft-of-${subject}@hanbit.example`] };
  return (await page.account.saveDraft(email, null)).id;
}

/** Where mail with this subject lies. */
function lying({ client }: Desk, subject: string): string[] {
  const found = [...client.server.messages.values()].filter((each) => each.written?.subject === subject);
  return found.map((each) => Object.keys(each.mailboxIds).join());
}

/** Twenty of the longest pauses, until nothing waits. Digests are made beside the clock: each pause leaves them their turns. */
async function later({ letters }: Desk, done: () => boolean = () => letters.waiting.length === 0): Promise<void> {
  for (let turn = 0; turn < 2000 && !done(); turn += 1) {
    await vi.advanceTimersByTimeAsync(turn % 100 === 0 ? LONGEST_PAUSE_MS : 0);
    await new Promise<void>((turned) => setImmediate(turned));
  }
}

describe('a letter', () => {
  test('that met a busy server goes by itself, though no line broke and came back', async () => {
    const page = await desk();
    page.meets.push(busy, busy, busy);
    expect(await page.letters.send(letter(page, 'later'))).toBe('waits');
    expect(page.letters.retry.at).toBe(Date.now() + FIRST_PAUSE_MS);
    expect(lying(page, 'later')).toEqual([]);
    await later(page);
    expect(page.gone).toEqual(['later']);
    expect(lying(page, 'later')).toEqual(['sent']);
    expect(page.letters.retry.at).toBeNull();
  });

  test('goes when a person asks for it', async () => {
    const page = await desk();
    page.meets.push(busy);
    await page.letters.send(letter(page, 'now'));
    page.letters.retry.now();
    await vi.advanceTimersByTimeAsync(0);
    await vi.waitFor(() => expect(page.gone).toEqual(['now']));
  });

  test('and the end of its draft are one request: a page may close right after it', async () => {
    const page = await desk();
    const id = await draftOf(page, 'whole');
    const before = page.asked.length;
    await page.letters.send(letter(page, 'whole', id));
    expect(page.asked.slice(before)).toEqual([['Email/set', 'EmailSubmission/set']]);
    expect(lying(page, 'whole')).toEqual(['sent']);
  });

  test.each([
    ['whose answer was cut short', cut],
    ['that was stored and not sent', unsent('serverUnavailable')],
  ])('%s goes once and leaves no draft', async (_, meets) => {
    const page = await desk();
    const id = await draftOf(page, 'once');
    page.meets.push(meets);
    expect(await page.letters.send(letter(page, 'once', id))).toBe('waits');
    await later(page);
    expect(page.letters.waiting).toEqual([]);
    expect(lying(page, 'once')).toEqual(['sent']);
  });

  test('that is refused stays as the one draft, and the window hears which', async () => {
    const page = await desk();
    const id = await draftOf(page, 'no');
    const stored = vi.fn();
    page.meets.push(unsent('forbidden'));
    await expect(page.letters.send(letter(page, 'no', id), undefined, stored)).rejects.toThrow(MethodFailure);
    expect(lying(page, 'no')).toEqual(['drafts']);
    const [kept] = [...page.client.server.messages.values()].filter((each) => each.written?.subject === 'no');
    expect(stored.mock.calls).toEqual([[kept?.id]]);
    expect(kept?.id).not.toBe(id);
  });

  test('that is refused after it had waited is one draft too', async () => {
    const page = await desk();
    const id = await draftOf(page, 'no');
    page.meets.push(busy);
    await page.letters.send(letter(page, 'no', id));
    const pass: Answer = (asked, send) => send(asked);
    page.meets.push(pass, pass, unsent('forbidden'));
    await later(page);
    expect(page.refused).toHaveLength(1);
    expect(lying(page, 'no')).toEqual(['drafts']);
  });

  test('outlives a session that has ended, until the next one', async () => {
    const page = await desk();
    page.meets.push(busy, () => Promise.reject(new RequestFailure('signed-out', 401)));
    await page.letters.send(letter(page, 'end'));
    await vi.advanceTimersByTimeAsync(FIRST_PAUSE_MS);
    expect(page.refused).toEqual([]);
    expect(page.letters.waiting).toHaveLength(1);
  });

  test('handed in again by a person, where nothing may be kept, goes once', async () => {
    const page = await desk(false);
    page.meets.push(cut);
    await expect(page.letters.send(letter(page, 'twice'))).rejects.toThrow(RequestFailure);
    expect(lying(page, 'twice')).toEqual(['sent']);
    expect(await page.letters.send(letter(page, 'twice'))).toBe('sent');
    expect(lying(page, 'twice')).toEqual(['sent']);
  });

  test('that has gone cannot be taken back, whatever its page has heard', async () => {
    const page = await desk();
    page.meets.push(cut);
    await page.letters.send(letter(page, 'gone'));
    expect(await page.letters.takeBack('gone@hanbit.example')).toBeNull();
    expect(page.letters.waiting).toEqual([]);
  });
});

test('an act that met a busy server is done by itself', async () => {
  const page = await desk();
  const [id = ''] = [...page.client.server.messages.keys()];
  const pending = page.account.outbox;
  page.meets.push(busy, busy);
  const act = pending.change(new Map([[id, { keywords: { $flagged: true } }]]));
  await later(page, () => page.account.outbox.waiting === 0);
  await act.done;
  expect(page.client.server.messages.get(id)?.keywords.$flagged).toBe(true);
  expect(pending.retry.at).toBeNull();
});
