import { CAPABILITY } from '@smartmail/jmap/types.ts';
import { beforeEach, expect, it, vi } from 'vitest';
import { book } from '../src/people/book.svelte.ts';

const server = vi.hoisted(() => ({ account: {}, failed: () => undefined }));
vi.mock('../src/app/connection.svelte.ts', () => ({ connection: server }));

let asked: { text: string; answer: (name: string) => void; fail: () => void }[] = [];

beforeEach(() => {
  asked = [];
  const send = (
    method: string,
    args: { filter?: { text: string } },
  ): { result: Promise<unknown>; ref: () => object } => {
    let answer: (told: unknown) => void = () => undefined;
    let fail: (error: unknown) => void = () => undefined;
    const result = new Promise<unknown>((done, failed) => ([answer, fail] = [done, failed]));
    if (args.filter) {
      asked.push({ text: args.filter.text, answer: () => undefined, fail: () => undefined });
      return { result: Promise.resolve({}), ref: () => ({}) };
    }
    const last = asked.at(-1);
    if (last && method === 'Principal/get') {
      last.answer = (name) => answer({ list: [{ id: last.text, name, email: last.text }] });
      last.fail = () => fail(new Error('busy'));
    }
    return { result, ref: () => ({}) };
  };
  const session = { username: 'kim@hanbit.kr', capabilities: { [CAPABILITY.principals]: {} } };
  server.account = { session, pipeline: { send, group: (build: () => unknown) => build() } };
});

const turn = (): Promise<void> => new Promise((done) => setTimeout(done));

it('who looks up what is being looked up waits for the same answer', async () => {
  const lee = { name: null, email: 'Lee@hanbit.kr' };
  void book.lookUp([lee]);
  let told: string | undefined;
  void book.lookUp([lee]).then(() => (told = book.known.get('lee@hanbit.kr')?.name));
  await turn();
  expect([asked.length, told]).toEqual([1, undefined]);
  asked[0]?.answer('이서준');
  await turn();
  expect(told).toBe('이서준');
});

it('asks again about whom the directory could not be asked', async () => {
  const park = { name: null, email: 'park@hanbit.kr' };
  const first = book.lookUp([park]);
  asked[0]?.fail();
  await first;
  void book.lookUp([park]);
  expect(asked.map(({ text }) => text)).toEqual(['park@hanbit.kr', 'park@hanbit.kr']);
});
