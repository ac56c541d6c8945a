/** Ways out of a mailing list. */
import { expect, test } from 'vitest';
import { wayOut } from '../src/reading/unsubscribing.ts';

const CLICK = 'List-Unsubscribe=One-Click';

test('one click is better than a letter', () => {
  expect(wayOut(['mailto:out@list.example', 'https://list.example/out'], CLICK)).toEqual({ letter: null });
});

test('a page alone is no way: looking at it is not leaving', () => {
  expect(wayOut(['https://list.example/out'], null)).toBeNull();
  expect(wayOut(['http://list.example/out'], CLICK)).toBeNull();
  expect(wayOut(null, null)).toBeNull();
});

test('a letter says what the list wants to read', () => {
  expect(
    wayOut(['https://list.example/out', 'mailto:out+17@list.example?subject=leave%2017&body=%EC%88%98%EC%8B%A0'], null),
  ).toEqual({
    letter: { to: 'out+17@list.example', subject: 'leave 17', text: '수신' },
  });
  expect(wayOut(['MAILTO:out@list.example'], null)?.letter).toEqual({
    to: 'out@list.example',
    subject: 'unsubscribe',
    text: 'unsubscribe',
  });
});

test('nobody is written to beside the list', () => {
  expect(wayOut(['mailto:a@list.example,b@other.example'], null)).toBeNull();
  expect(wayOut(['mailto:?to=b@other.example'], null)).toBeNull();
  const letter = wayOut(['mailto:a@list.example?cc=b@other.example&subject=x%0D%0ABcc:%20c@d.example'], null)?.letter;
  expect(letter).toEqual({ to: 'a@list.example', subject: 'x Bcc: c@d.example', text: 'unsubscribe' });
});
