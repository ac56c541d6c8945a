/** Whole departments and single people for a letter: answers that come late, after another choice, count for nothing. */
import { expect, test, vi } from 'vitest';
import { DepartmentChoice, type Member } from '../src/writing/department-choice.svelte.ts';

const member = (name: string): Member => ({ id: name, name, email: `${name}@x.test`, department: '', title: '' });

/** Answers one by one, in the order that a test says. */
function asked(): {
  choice: DepartmentChoice;
  answer: (at: number, ...names: string[]) => Promise<void>;
  fail: () => void;
} {
  const waiting: { resolve: (found: Member[]) => void; reject: (error: unknown) => void }[] = [];
  const failed = vi.fn();
  const choice = new DepartmentChoice(
    () => new Promise((resolve, reject) => waiting.push({ resolve, reject })),
    failed,
  );
  const answer = async (at: number, ...names: string[]): Promise<void> => {
    waiting[at]?.resolve(names.map(member));
    await new Promise((resolve) => setTimeout(resolve));
  };
  return { choice, answer, fail: () => waiting.at(-1)?.reject(new Error('cut')) };
}

const emails = (choice: DepartmentChoice): string[] => [...choice.chosen.values()].map(({ name }) => name ?? '');

test('people of a department that was left, or was asked for otherwise, are not shown', async () => {
  const { choice, answer } = asked();
  void choice.show('a');
  void choice.show('b');
  await answer(1, 'lee');
  await answer(0, 'kim');
  expect([choice.shown, choice.people.map(({ name }) => name)]).toEqual(['b', ['lee']]);
  choice.below = false;
  void choice.show('b');
  choice.below = true;
  void choice.show('b');
  await answer(3, 'lee', 'park');
  await answer(2, 'lee');
  expect(choice.people.map(({ name }) => name)).toEqual(['lee', 'park']);
});

test('a department that is taken back before its people have come stays out', async () => {
  const { choice, answer } = asked();
  void choice.takeWhole('a');
  expect([choice.has('a'), choice.coming]).toEqual([true, true]);
  void choice.takeWhole('a');
  expect([choice.has('a'), choice.coming]).toEqual([false, false]);
  await answer(0, 'kim');
  expect([choice.has('a'), emails(choice)]).toEqual([false, []]);
  // Taken again meanwhile: the first question does not count, whenever its answer comes.
  void choice.takeWhole('a');
  void choice.takeWhole('a');
  void choice.takeWhole('a');
  await answer(1, 'old');
  expect([choice.coming, emails(choice)]).toEqual([true, []]);
  await answer(2, 'new');
  expect([choice.coming, choice.has('a'), emails(choice)]).toEqual([false, true, ['new']]);
});

test('whoever is in two departments stays while one of them is taken', async () => {
  const { choice, answer } = asked();
  void choice.takeWhole('a');
  void choice.takeWhole('b');
  await answer(0, 'kim', 'lee');
  expect(choice.coming).toBe(true);
  await answer(1, 'lee', 'park');
  expect([choice.coming, emails(choice)]).toEqual([false, ['kim', 'lee', 'park']]);
  void choice.takeWhole('a');
  expect(emails(choice)).toEqual(['lee', 'park']);
});

test('a department that cannot be asked for is not taken', async () => {
  const { choice, answer, fail } = asked();
  void choice.takeWhole('a');
  fail();
  await answer(9);
  expect([choice.has('a'), choice.coming, emails(choice)]).toEqual([false, false, []]);
});
