/** Whole departments and single people for a letter: answers that come late, after another choice, count for nothing. */
import type { EmailAddress } from '@smartmail/jmap/types.ts';
import { expect, test, vi } from 'vitest';
import type { PersonRow } from '../src/people/person-row.ts';
import { Picking } from '../src/people/picking.svelte.ts';

const address = (name: string): EmailAddress => ({ name, email: `${name}@x.test` });
const row = (name: string): PersonRow => {
  return { id: name, name, email: `${name}@x.test`, title: '', place: '', phone: '' };
};

/** Answers one by one, in the order that a test says. */
function asked(): {
  picking: Picking;
  take: (key: string) => void;
  answer: (at: number, ...names: string[]) => Promise<void>;
  fail: () => void;
  failed: ReturnType<typeof vi.fn>;
} {
  const waiting: { resolve: (found: EmailAddress[]) => void; reject: (error: unknown) => void }[] = [];
  const failed = vi.fn();
  const picking = new Picking(failed);
  const ask = (): Promise<EmailAddress[]> => new Promise((resolve, reject) => waiting.push({ resolve, reject }));
  const answer = async (at: number, ...names: string[]): Promise<void> => {
    waiting[at]?.resolve(names.map(address));
    await new Promise((resolve) => setTimeout(resolve));
  };
  const take = (key: string): void => void picking.takeMany({ key, name: key, inside: true, ask });
  return { picking, take, answer, fail: () => waiting.at(-1)?.reject(new Error('cut')), failed };
}

const names = (picking: Picking): (string | null)[] => picking.addresses('to').map(({ name }) => name);

test('a department that is taken back before its people have come stays out', async () => {
  const { picking, take, answer } = asked();
  take('a');
  expect([picking.has('a'), picking.coming]).toEqual([true, true]);
  take('a');
  expect([picking.has('a'), picking.coming]).toEqual([false, false]);
  await answer(0, 'kim');
  expect([picking.has('a'), names(picking)]).toEqual([false, []]);
  // Taken again meanwhile: the first question does not count, whenever its answer comes.
  take('a');
  take('a');
  take('a');
  await answer(1, 'old');
  expect([picking.coming, names(picking)]).toEqual([true, []]);
  await answer(2, 'new');
  expect([picking.coming, picking.has('a'), names(picking)]).toEqual([false, true, ['new']]);
});

test('whoever is in two departments stays while one of them is taken, and counts once', async () => {
  const { picking, take, answer } = asked();
  take('a');
  take('b');
  await answer(0, 'kim', 'lee');
  expect(picking.coming).toBe(true);
  await answer(1, 'lee', 'park');
  expect([picking.coming, names(picking), picking.count]).toEqual([false, ['kim', 'lee', 'park'], 3]);
  take('a');
  expect(names(picking)).toEqual(['lee', 'park']);
});

test('a department that cannot be asked for is not taken', async () => {
  const { picking, take, answer, fail, failed } = asked();
  take('a');
  fail();
  await answer(9);
  expect([picking.has('a'), picking.coming, names(picking)]).toEqual([false, false, []]);
  expect(failed).toHaveBeenCalledOnce();
});

test('everybody goes to the field that is pressed, and nobody is taken twice', async () => {
  const { picking, take, answer } = asked();
  picking.toggle(row('kim'), true);
  picking.field = 'cc';
  picking.toggle(row('lee'), true);
  take('a');
  await answer(0, 'park');
  expect(names(picking)).toEqual(['kim']);
  expect(picking.addresses('cc').map(({ name }) => name)).toEqual(['lee', 'park']);
  // Who came with the department is there already; who came alone goes again.
  picking.toggle(row('park'), true);
  picking.toggle(row('kim'), true);
  expect([picking.includes('PARK@x.test'), picking.count, names(picking)]).toEqual([true, 2, []]);
  picking.toggle({ ...row('nobody'), email: '' }, true);
  expect(picking.count).toBe(2);
});
