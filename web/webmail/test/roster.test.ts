/** A list in pages: what is in sight is fetched once, and what comes too late is dropped. */
import { expect, test, vi } from 'vitest';
import { type Fetch, Roster } from '../src/people/roster.svelte.ts';

const people =
  (total: number, name = 'p'): Fetch<string> =>
  (position, limit) =>
    Promise.resolve({
      total,
      list: Array.from(
        { length: Math.max(0, Math.min(limit, total - position)) },
        (_, at) => `${name}${position + at}`,
      ),
    });

test('pages come as they are looked at, each once', async () => {
  const fetch = vi.fn(people(50_000));
  const roster = new Roster<string>(() => undefined);
  await roster.open(fetch);
  expect([roster.total, roster.at(3), roster.at(30_000)]).toEqual([50_000, 'p3', undefined]);
  roster.ensure(29_990, 30_020);
  roster.ensure(29_991, 30_021);
  await vi.waitFor(() => expect(roster.at(30_000)).toBe('p30000'));
  expect(fetch.mock.calls.map(([position]) => position)).toEqual([0, 29_900, 30_000]);
});

test('a list that is late does not replace the one asked for after it', async () => {
  const roster = new Roster<string>(() => undefined);
  let arrive: () => void = () => undefined;
  const late = roster.open(async (position, limit) => {
    await new Promise<void>((resolve) => (arrive = resolve));
    return people(3, 'late')(position, limit);
  });
  await roster.open(people(2, 'new'));
  arrive();
  await late;
  expect([roster.total, roster.at(0)]).toEqual([2, 'new0']);
});

test('after a change the rows in sight are asked for anew', async () => {
  const roster = new Roster<string>(() => undefined);
  let name = 'old';
  await roster.open((position, limit) => people(500, name)(position, limit));
  roster.ensure(300, 320);
  await vi.waitFor(() => expect(roster.at(310)).toBe('old310'));
  name = 'new';
  await roster.refresh();
  await vi.waitFor(() => expect(roster.at(310)).toBe('new310'));
});

test('a failure is told and can be tried again; all are fetched in bounded steps', async () => {
  const failed = vi.fn();
  const roster = new Roster<string>(failed);
  await roster.open(() => Promise.reject(new Error('cut')));
  expect([roster.failed, roster.total, failed.mock.calls.length]).toEqual([true, 0, 1]);
  const fetch = vi.fn(people(1200));
  await roster.open(fetch);
  expect(roster.failed).toBe(false);
  expect(await roster.all(1000)).toHaveLength(1000);
  expect(fetch.mock.calls.map(([, limit]) => limit)).toEqual([100, 500, 500]);
});

test('everybody of a list that was left meanwhile counts for nothing', async () => {
  const roster = new Roster<string>(() => undefined);
  const arrive: (() => void)[] = [];
  let slow = false;
  await roster.open(async (position, limit) => {
    if (slow) await new Promise<void>((resolve) => arrive.push(resolve));
    return people(3, 'left')(position, limit);
  });
  slow = true;
  const left = roster.all(1000);
  expect(roster.gathering).toBe(true);
  const opened = roster.open(people(2, 'new'));
  expect(roster.gathering).toBe(false);
  await opened;
  const here = roster.all(1000);
  for (const one of arrive) one();
  expect(await left).toEqual([]);
  expect(await here).toEqual(['new0', 'new1']);
  expect(roster.gathering).toBe(false);
});

test('a late answer does not end the wait for everybody of the list that is open', async () => {
  const roster = new Roster<string>(() => undefined);
  const arrive: (() => void)[] = [];
  const slowly =
    (name: string): Fetch<string> =>
    async (position, limit) => {
      if (limit > 100) await new Promise<void>((resolve) => arrive.push(resolve));
      return people(3, name)(position, limit);
    };
  await roster.open(slowly('left'));
  const left = roster.all(1000);
  await roster.open(slowly('new'));
  const here = roster.all(1000);
  arrive[0]?.();
  await left;
  expect(roster.gathering).toBe(true);
  arrive[1]?.();
  expect(await here).toHaveLength(3);
  expect(roster.gathering).toBe(false);
});

test('everybody is asked for as many as there are, though the rows of the list before still stand there', async () => {
  const roster = new Roster<string>(() => undefined);
  await roster.open(people(1, 'old'));
  const opening = roster.open(people(700, 'new'));
  const everybody = await roster.all(1000);
  await opening;
  expect([everybody.length, everybody[0]]).toEqual([700, 'new0']);
});
