import { beforeEach, expect, it, vi } from 'vitest';
import { RequestBook, type ShareOffer } from '../src/sharing/requests.svelte.ts';

const server = vi.hoisted(() => ({ account: {}, failed: () => undefined }));
vi.mock('../src/app/connection.svelte.ts', () => ({ connection: server }));

const offer: ShareOffer = { id: 'a1', name: '구매접수', address: 'buy@hanbit.kr', role: '' };
let asked: { method: string; answer: (list: object[]) => Promise<void> }[] = [];
const listeners = new Map<string, () => void>();

beforeEach(() => {
  asked = [];
  listeners.clear();
  const send = (method: string): { result: Promise<unknown> } => {
    let resolve: (told: unknown) => void = () => undefined;
    const result = new Promise<unknown>((done) => (resolve = done));
    const answer = async (list: object[]): Promise<void> => {
      resolve({ list });
      await new Promise((done) => setTimeout(done));
    };
    asked.push({ method, answer });
    return { result };
  };
  const onChange = (name: string, listener: () => void): (() => void) => {
    listeners.set(name, listener);
    return () => void listeners.delete(name);
  };
  server.account = { onChange, pipeline: { send, group: (build: () => unknown) => build() } };
});

/** To the question of that number. */
async function answer(turn: number, role: ShareOffer['role'], state: string): Promise<void> {
  await asked[2 * turn]?.answer([{ ...offer, role }]);
  await asked[2 * turn + 1]?.answer([{ id: 'r1', state }]);
}

it.each(['ShareNotification', 'Session'])('looks again when %s is another, until it is left', async (name) => {
  const book = new RequestBook();
  const end = book.follow();
  void book.load();
  await answer(0, '', 'waiting');
  listeners.get(name)?.();
  await answer(1, 'file', 'accepted');
  expect([book.offers?.[0]?.role, book.requests[0]?.state]).toEqual(['file', 'accepted']);
  end?.();
  expect(listeners.size).toBe(0);
});

it('keeps the newest answer, whichever comes last', async () => {
  const book = new RequestBook();
  void book.load();
  void book.load();
  await answer(1, 'file', 'accepted');
  await answer(0, '', 'waiting');
  expect([book.offers?.[0]?.role, book.requests[0]?.state]).toEqual(['file', 'accepted']);
});
