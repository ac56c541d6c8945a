/** Work that nobody waits for, by a clock of idle moments that the test turns. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { idly, inIdle } from '../src/app/in-idle.ts';

const moments: (() => void)[] = [];
const turn = (): void => moments.shift()?.();

beforeEach(() => vi.stubGlobal('requestIdleCallback', (run: () => void) => moments.push(run)));
afterEach(() => {
  while (moments.length > 0) turn();
  vi.unstubAllGlobals();
});

test('each piece has an idle moment of its own, in the order in which it was given', () => {
  const done: string[] = [];
  inIdle(
    () => done.push('a'),
    () => done.push('b'),
  );
  inIdle(() => done.push('c'));
  expect(done).toEqual([]);
  expect(moments).toHaveLength(1);
  turn();
  expect(done).toEqual(['a']);
  turn();
  turn();
  expect(done).toEqual(['a', 'b', 'c']);
  expect(moments).toHaveLength(0);
});

test('what a piece adds comes after what waits already', () => {
  const done: string[] = [];
  inIdle(
    () => inIdle(() => done.push('added')),
    () => done.push('given'),
  );
  for (let moment = 0; moment < 3; moment += 1) turn();
  expect(done).toEqual(['given', 'added']);
});

test('one that fails, at once or later, holds up none behind it', () => {
  const done: string[] = [];
  inIdle(
    () => Promise.reject(new Error('offline')),
    () => {
      throw new Error('at once');
    },
    () => done.push('next'),
  );
  for (let moment = 0; moment < 3; moment += 1) turn();
  expect(done).toEqual(['next']);
});

test('who asked for something gets it, or its failure', async () => {
  const [got, failed] = [idly(() => Promise.resolve(7)), idly(() => Promise.reject(new Error('offline')))];
  turn();
  turn();
  await expect(got).resolves.toBe(7);
  await expect(failed).rejects.toThrow('offline');
});
