/** Works on volumes in words. */
import { describe, expect, it } from 'vitest';
import type { VolumeWork } from '../src/api/types.ts';
import { left, minutesLeft, percentFree, whole, workWords } from '../src/app/volumes.ts';

const begun = Date.parse('2026-11-27T01:00:00Z');
const work = (other: Partial<VolumeWork> = {}): VolumeWork => ({
  kind: 'drain', state: 'running', percent: 25, blobs: 5, octets: 250, total: 1000, unreadable: 0, cap: 0,
  startedAt: '2026-11-27T01:00:00Z', endedAt: null, ...other,
}); // prettier-ignore

describe('how long a work still needs', () => {
  it('is told from how far it came in how long', () => {
    expect(minutesLeft(work(), begun + 10 * 60_000)).toBe(30);
    expect(minutesLeft(work({ percent: 99 }), begun + 60_000)).toBe(1);
  });
  it('is told by nobody before it began, while it waits, and when it is over', () => {
    expect(minutesLeft(work({ percent: 0, octets: 0 }), begun + 60_000)).toBeNull();
    expect(minutesLeft(work({ state: 'paused' }), begun + 60_000)).toBeNull();
    expect(minutesLeft(work({ state: 'done', percent: 100 }), begun + 60_000)).toBeNull();
    expect(minutesLeft(work(), begun - 5)).toBeNull();
    expect(left(work({ state: 'paused' }))).toBe('');
  });
});

it('a work is told with how far it is, an ended one without', () => {
  expect(workWords(work())).toBe('비우기 · 진행 중 25 %');
  expect(workWords(work({ state: 'done', percent: 100 }))).toBe('비우기 · 완료');
  expect(workWords(null)).toBe('');
});

it('room is told as a share, a bucket as without bound, what is away as nothing', () => {
  expect(percentFree({ free: 1, total: 3, away: false })).toBe('33 %');
  expect(percentFree({ free: null, total: null, away: false })).toBe('제한 없음');
  expect(percentFree({ free: null, total: null, away: true })).toBe('');
  expect(whole(12.7)).toBe('12');
  expect(whole(null)).toBe('');
});
