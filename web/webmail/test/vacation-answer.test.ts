import { expect, it, vi } from 'vitest';

const server = vi.hoisted(() => ({
  account: null as unknown,
  failures: [] as unknown[],
  failed: (error: unknown): void => void server.failures.push(error),
}));
vi.mock('../src/app/connection.svelte.ts', () => ({ connection: server }));
vi.mock('../src/app/records.svelte.ts', () => ({ recordsOf: () => [] }));

const { VacationAnswer } = await import('../src/rules/vacation-answer.svelte.ts');

/** A server whose `VacationResponse/get` does this. */
function serverThat(load: () => Promise<void>, held: object | undefined): void {
  server.account = { records: () => ({ load, get: () => held }) };
}

it('says that the server did not answer, and is well again when asking once more helps', async () => {
  const answer = new VacationAnswer();
  serverThat(() => Promise.reject(new Error('no line')), undefined);
  await answer.ask();
  expect(answer.failed).toBe(true);
  expect(server.failures).toHaveLength(1);
  serverThat(() => Promise.resolve(), { id: 'singleton' });
  await answer.ask();
  expect(answer.failed).toBe(false);
});

it('says so too when the answer holds nothing', async () => {
  const answer = new VacationAnswer();
  serverThat(() => Promise.resolve(), undefined);
  await answer.ask();
  expect(answer.failed).toBe(true);
});
