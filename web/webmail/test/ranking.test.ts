import { expect, test } from 'vitest';
import { learned, ranked, weight } from '../src/people/ranking.ts';

const DAY = 24 * 3_600_000;
const NOW = 1_000 * DAY;
const one = (
  email: string,
  more: object = {},
): { name: string; email: string; department?: string; frequent?: boolean } => ({
  name: email,
  email,
  ...more,
});

test('often written to, then the own department, then the company, then the rest', () => {
  const near = [one('often@x', { frequent: true }), one('seen@y')];
  const company = [one('far@x', { department: '총무팀' }), one('near@x', { department: '개발팀' })];
  const emails = ranked(near, company, '개발팀').map((each) => each.email);
  expect(emails).toEqual(['often@x', 'near@x', 'far@x', 'seen@y']);
});

test('whom the directory knows too is one row, with its department', () => {
  const found = ranked([one('a@x', { frequent: true })], [one('A@x', { department: '영업팀' })], null);
  expect(found).toHaveLength(1);
  expect(found[0]).toMatchObject({ frequent: true, department: '영업팀' });
});

test('old habits fade', () => {
  const start = [{ ...one('old@x'), count: 4, at: NOW - 240 * DAY }];
  const { frequent } = learned(start, [], [one('new@x')], NOW);
  expect(frequent.map(({ email }) => email)).toEqual(['new@x', 'old@x']);
  expect(weight({ ...one('old@x'), count: 4, at: NOW - 60 * DAY }, NOW)).toBeCloseTo(2);
});

test('who was forgotten and is written to again is remembered', () => {
  expect(learned([], ['a@x', 'b@x'], [one('a@x')], NOW).forgotten).toEqual(['b@x']);
});
