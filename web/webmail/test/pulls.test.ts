import { expect, test } from 'vitest';
import { reasonKey, refusedKey, sinceOf } from '../src/pulls/words.ts';

test('what is in the way is told in words', () => {
  expect(reasonKey('login')).toBe('pulls.reasonLogin');
  expect(reasonKey('no-tls')).toBe('pulls.reasonNoTls');
  expect(reasonKey('something new')).toBe('pulls.reasonLater');
  expect(refusedKey('invalidProperties', ['host'])).toBe('pulls.badHost');
  expect(refusedKey('invalidProperties', ['password'])).toBe('pulls.badPassword');
  expect(refusedKey('rateLimit', [])).toBe('pulls.tooMany');
  expect(refusedKey('forbidden', [])).toBe('pulls.reasonPolicy');
});

test('from when on mail comes', () => {
  const now = new Date('2026-11-27T10:00:00.500Z');
  expect(sinceOf('all', 'x', now)).toBeNull();
  expect(sinceOf('kept', '2026-01-01T00:00:00Z', now)).toBe('2026-01-01T00:00:00Z');
  expect(sinceOf('now', null, now)).toBe('2026-11-27T10:00:00Z');
  expect(sinceOf('month', null, now)).toBe('2026-10-28T10:00:00Z');
});
