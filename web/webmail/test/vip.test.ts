import { expect, test } from 'vitest';
import { meaning } from '../src/app/vip.ts';

const TWO = '(from:" a@x.example" OR from:" b@y.example")';
const people = ['a@x.example', 'b@y.example'];

test.each([
  ['is:vip', TWO],
  ['견적 IS:VIP is:unread', `견적 ${TWO} is:unread`],
  ['-is:vip', `-${TWO}`],
  ['(is:vip OR is:starred)', `(${TWO} OR is:starred)`],
  ['is:vip is:vip', `${TWO} ${TWO}`],
])('%s asks for mail of the marked people', (line, asked) => {
  expect(meaning(line, people)).toBe(asked);
});

test.each(['"is:vip"', 'subject:"what is:vip means"', 'is:vips', 'this:vip', 'from:is:vip'])(
  '%s asks for what it says',
  (line) => {
    expect(meaning(line, people)).toBe(line);
  },
);

test('without anybody marked nothing is found', () => {
  expect(meaning('is:vip', [])).toBe('(is:unread is:read)');
});

test('an address cannot end the quotes it stands in', () => {
  expect(meaning('is:vip', ['a" OR x@x.example'])).toBe('(from:" a OR x@x.example")');
});
