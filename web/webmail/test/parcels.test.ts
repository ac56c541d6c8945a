import type { Parcel } from '@smartmail/jmap/parcels.ts';
import { expect, test } from 'vitest';
import { periodOf } from '../src/parcels/period.ts';
import { reasonKey, shareOf, troubleKey } from '../src/parcels/words.ts';

const one = (more: Partial<Parcel>): Parcel => ({
  id: 'a1',
  direction: 'out',
  state: 'working',
  name: 'a.zip',
  size: 1000,
  received: 250,
  done: 30,
  total: 60,
  createdAt: '2026-11-27T00:00:00Z',
  expiresAt: '2026-12-04T00:00:00Z',
  taken: 0,
  present: 0,
  ignored: 0,
  failed: 0,
  reason: '',
  troubles: [],
  ...more,
});
const IDLE = { sending: null, sent: 0 };

test('how far a parcel is', () => {
  expect(shareOf(one({}), IDLE)).toBe(0.5);
  expect(shareOf(one({ state: 'waiting' }), IDLE)).toBe(0);
  expect(shareOf(one({ total: 0 }), IDLE)).toBe(0);
  // Mail that came since it began is not more than all.
  expect(shareOf(one({ done: 70 }), IDLE)).toBe(1);
  expect(shareOf(one({ state: 'ready' }), IDLE)).toBeNull();
});

test('a file that goes out from here is as far as this page knows', () => {
  expect(shareOf(one({ state: 'coming' }), { sending: 'a1', sent: 500 })).toBe(0.5);
  expect(shareOf(one({ state: 'coming' }), { sending: 'b2', sent: 500 })).toBe(0.25);
});

test('what failed is told in words', () => {
  expect(troubleKey('damaged: BadZipFile')).toBe('parcels.troubleDamaged');
  expect(troubleKey('over_quota')).toBe('parcels.troubleOther');
  expect(reasonKey(one({ reason: 'policy_rejected' }))).toBe('parcels.reasonPolicy');
  expect(reasonKey(one({ reason: 'internal' }))).toBe('parcels.reasonLater');
});

test('a period begins at midnight, on a day that there is', () => {
  const now = new Date(2026, 2, 31, 15, 30);
  expect(periodOf('all', now)).toBeNull();
  expect(periodOf('month', now)).toBe(new Date(2026, 1, 28).toISOString());
  expect(periodOf('quarter', now)).toBe(new Date(2025, 11, 31).toISOString());
  expect(periodOf('year', now)).toBe(new Date(2025, 2, 31).toISOString());
});
