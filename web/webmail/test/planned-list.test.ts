import { beforeEach, expect, it, vi } from 'vitest';

// What is asked for, and how each question is answered.
const asked = vi.hoisted((): ((list: { id: string }[]) => void)[] => []);
const server = vi.hoisted(() => ({
  failures: [] as unknown[],
  failed: (error: unknown) => server.failures.push(error),
}));
vi.mock('../src/app/connection.svelte.ts', () => ({ connection: server }));
vi.mock('../src/writing/recurring.ts', () => ({ loadRecurring: () => Promise.resolve([]) }));
vi.mock('../src/writing/scheduled.ts', () => ({ loadPlanned: () => new Promise((resolve) => asked.push(resolve)) }));

const { PlannedList } = await import('../src/writing/planned-list.svelte.ts');

beforeEach(() => {
  asked.length = 0;
});

it('keeps what the newest question was answered, though an older answer comes last', async () => {
  const list = new PlannedList();
  const both = [list.load(), list.load()];
  asked[1]?.([{ id: 'moved' }]);
  await both[1];
  asked[0]?.([{ id: 'as it was' }]);
  await both[0];
  expect(list.once).toEqual([{ id: 'moved' }]);
});

it('takes one answer after the other', async () => {
  const list = new PlannedList();
  for (const id of ['first', 'second']) {
    const load = list.load();
    asked.pop()?.([{ id }]);
    await load;
    expect(list.once).toEqual([{ id }]);
  }
});
