/** Mail that several people work on: only what lies in a mailbox that was shared, not all of somebody's own. */
import { beforeEach, expect, test, vi } from 'vitest';
import { team } from '../src/teamwork/team.svelte.ts';

const at = vi.hoisted(() => ({ accountId: null as string | null, mailboxId: 'inbox', inMailbox: true }));
const given = vi.hoisted(() => ({ shares: new Map<string, object>(), whole: [] as object[] }));
vi.mock('../src/app/place.svelte.ts', () => ({ place: at }));
vi.mock('../src/app/language.svelte.ts', () => ({ t: (key: string) => key }));
vi.mock('../src/app/records.svelte.ts', () => ({
  allMailboxes: () => [{ id: 'inbox' }, { id: 'project' }],
  recordIn: () => undefined,
}));
vi.mock('../src/app/connection.svelte.ts', () => ({
  connection: {
    failed: (error: unknown) => Promise.reject(error as Error),
    account: { session: {}, pipeline: { send: () => ({ result: Promise.resolve({ list: given.whole }) }) } },
  },
}));
vi.mock('@smartmail/jmap/others.ts', () => ({ selfOf: () => 'me' }));
vi.mock('@smartmail/jmap/mailbox-acts.ts', () => ({ sharesOf: () => Promise.resolve(given.shares) }));

beforeEach(() => {
  Object.assign(at, { accountId: null, mailboxId: 'inbox', inMailbox: true });
  given.shares = new Map<string, object>([
    ['inbox', {}],
    ['project', { lee: { mayRead: true } }],
  ]);
  given.whole = [];
});

test('one shared mailbox makes no team of the inbox', async () => {
  await team.look();
  expect(team.here).toBe(false);
  expect(team.worksOn({ inbox: true })).toBe(false);
  expect(team.worksOn({ inbox: true, project: true })).toBe(true);
  at.mailboxId = 'project';
  expect(team.here).toBe(true);
  // What is found may lie anywhere.
  Object.assign(at, { mailboxId: 'inbox', inMailbox: false });
  expect(team.here).toBe(true);
});

test('mail of others, and a mailbox that is given as a whole, is worked on together', async () => {
  given.shares = new Map([['inbox', {}]]);
  await team.look();
  expect([team.here, team.worksOn({ inbox: true })]).toEqual([false, false]);
  at.accountId = 'desk';
  expect([team.here, team.worksOn({ any: true })]).toEqual([true, true]);
  at.accountId = null;
  given.whole = [{}];
  await team.look();
  expect([team.here, team.worksOn({ inbox: true })]).toEqual([true, true]);
});
