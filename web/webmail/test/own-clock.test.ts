/** Days that a person names are of the clock they chose, not of the device's. */
import { expect, test, vi } from 'vitest';
import { settings } from '../src/app/settings.svelte.ts';
import { answerBy } from '../src/writing/planning.ts';

vi.hoisted(() => vi.stubGlobal('localStorage', { getItem: () => null }));
vi.stubGlobal('document', { documentElement: { dataset: {} } });

const FROM = new Date('2026-11-28T00:00:00Z');

test.each([
  ['Pacific/Pago_Pago', '2026-12-01T20:00:00Z'],
  ['Pacific/Kiritimati', '2026-11-30T19:00:00Z'],
  ['Asia/Seoul', '2026-12-01T00:00:00Z'],
])('an answer is waited for until nine in the morning in %s', (timeZone, at) => {
  settings.choose({ timeZone });
  expect(answerBy('2026-12-01', FROM)).toEqual({ answerBy: at });
});

test('a day that is over asks for nothing, a number counts from the sending', () => {
  settings.choose({ timeZone: 'Asia/Seoul' });
  expect(answerBy('2026-11-27', FROM)).toEqual({});
  expect(answerBy('3', FROM)).toEqual({ answerBy: '2026-12-01T00:00:00Z' });
  expect(answerBy('', FROM)).toEqual({});
});
