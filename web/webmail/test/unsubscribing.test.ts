/** Ways out of a mailing list. */
import { expect, test } from 'vitest';
import { wayOut } from '../src/reading/unsubscribing.ts';

const CLICK = 'List-Unsubscribe=One-Click';

test('one click is better than a letter', () => {
  expect(wayOut(['mailto:out@list.example', 'https://list.example/out'], CLICK)).toEqual({ letter: null, page: null });
});

test('a page is the last way: behind a letter, proven, and with a host that is its own', () => {
  expect(wayOut(['http://list.example/x', 'https://list.example/out?u=1'], null)).toEqual({
    letter: null,
    page: new URL('https://list.example/out?u=1'),
  });
  expect(wayOut(['https://list.example/out', 'mailto:out@list.example'], null)?.page).toBeNull();
  expect(wayOut(['https://은행.example/out'], null)?.page?.host).toMatch(/^xn--/);
  for (const bad of [
    'https://bank.example@evil.example/',
    'javascript:alert(1)',
    'https://',
    `https://a.example/${'x'.repeat(2000)}`,
  ])
    expect(wayOut([bad], null)).toBeNull();
  expect(wayOut(['http://list.example/out'], CLICK)).toBeNull();
  expect(wayOut(null, null)).toBeNull();
});

test('a letter says what the list wants to read', () => {
  expect(
    wayOut(['https://list.example/out', 'mailto:out+17@list.example?subject=leave%2017&body=%EC%88%98%EC%8B%A0'], null),
  ).toEqual({
    letter: { to: 'out+17@list.example', subject: 'leave 17', text: '수신' },
    page: null,
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
