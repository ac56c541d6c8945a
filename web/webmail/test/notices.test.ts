/** What stands at the foot of the screen after an act, and until when the act can be taken back. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { notices } from '../src/app/notices.svelte.ts';

const offer = { label: '수신확인', run: () => undefined };

beforeEach(() => {
  vi.useFakeTimers();
  for (const { id } of notices.list) notices.forget(id);
  while (notices.undoLast());
});

describe('a notice whose way back closes', () => {
  it('offers then what can be done, and leaves as others do', () => {
    const undo = vi.fn();
    const id = notices.show('보냈습니다', { undo, back: 'notice.unsend', stays: true });
    vi.advanceTimersByTime(60_000);
    expect(notices.list[0]).toMatchObject({ back: 'notice.unsend', offers: [] });
    notices.follow(id, [offer]);
    expect(notices.list[0]).toMatchObject({ undo: undefined, offers: [offer] });
    expect(notices.undoLast()).toBe(false);
    expect(undo).not.toHaveBeenCalled();
    vi.advanceTimersByTime(7_000);
    expect(notices.list).toHaveLength(1);
    vi.advanceTimersByTime(2_000);
    expect(notices.list).toEqual([]);
  });

  it('does not come back where it was closed, and its act is over all the same', () => {
    const undo = vi.fn();
    const id = notices.show('보냈습니다', { undo, stays: true });
    notices.close(id);
    expect(notices.canUndo).toBe(true);
    notices.follow(id, [offer]);
    expect(notices.list).toEqual([]);
    expect(notices.canUndo).toBe(false);
  });
});

describe('how long a notice stands', () => {
  it('leaves after five seconds, and later where it can be taken back', () => {
    notices.show('옮기지 못했습니다', { tone: 'bad' });
    notices.show('저장했습니다');
    vi.advanceTimersByTime(4_900);
    expect(notices.list).toHaveLength(2);
    vi.advanceTimersByTime(200);
    expect(notices.list).toEqual([]);
    notices.show('삭제했습니다', { undo: () => undefined });
    vi.advanceTimersByTime(7_000);
    expect(notices.list).toHaveLength(1);
    vi.advanceTimersByTime(3_000);
    expect(notices.list).toEqual([]);
  });

  it('does not follow to another screen, but for what can be taken back or is still being done', () => {
    notices.show('저장하지 못했습니다', { tone: 'bad' });
    notices.show('보내는 중입니다', { tone: 'bad', stays: true });
    notices.show('삭제했습니다', { undo: () => undefined });
    notices.moveOn();
    expect(notices.list.map(({ text }) => text)).toEqual(['보내는 중입니다', '삭제했습니다']);
  });
});
