import { expect, test } from 'vitest';
import { initials, suggest } from '../src/app/people.ts';

const people = [
  { name: '김민지 책임', email: 'minji.kim@x.kr' },
  { name: '박서준', email: 'seojun@x.kr' },
  { name: null, email: 'help@y.kr' },
];
const found = (typed: string, chosen: typeof people = []): string[] =>
  suggest(people, typed, chosen).map((each) => each.email);

test('first sounds of a name', () => {
  expect(initials('김민지 책임')).toBe('ㄱㅁㅈ ㅊㅇ');
});

test.each([
  ['ㄱㅁㅈ', ['minji.kim@x.kr']],
  ['민지', ['minji.kim@x.kr']],
  ['MINJI', ['minji.kim@x.kr']],
  ['y.kr', ['help@y.kr']],
  ['ㅋㅋ', []],
  ['  ', []],
])('typing %j', (typed, expected) => {
  expect(found(typed)).toEqual(expected);
});

test('someone who is a recipient already is not offered again', () => {
  expect(found('x.kr', people.slice(0, 1))).toEqual(['seojun@x.kr']);
});
