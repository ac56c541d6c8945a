import { expect, test, vi } from 'vitest';
import { missingRuns, PAGE, type Window, WindowedList } from '../src/list.ts';
import { settle } from './fixture.ts';

/** A server's list that tests change between answers. */
class Source {
  ids: string[];
  asked: string[] = [];

  constructor(count: number) {
    this.ids = Array.from({ length: count }, (_, i) => `m${i}`);
  }

  readonly answer = (
    start: { position: number } | { anchor: string; anchorOffset: number },
    limit: number,
  ): Promise<Window> => {
    let position: number;
    if ('anchor' in start) {
      const at = this.ids.indexOf(start.anchor);
      if (at < 0) return Promise.reject(new Error('anchorNotFound'));
      position = Math.max(0, at + start.anchorOffset);
    } else position = start.position;
    this.asked.push(`${position}+${limit}`);
    return Promise.resolve({ position, ids: this.ids.slice(position, position + limit), total: this.ids.length });
  };
}

const rows = (list: WindowedList, first: number, last: number): (string | undefined)[] =>
  Array.from({ length: last - first + 1 }, (_, i) => list.idAt(first + i));

async function opened(count: number): Promise<{ source: Source; list: WindowedList }> {
  const source = new Source(count);
  const list = new WindowedList(source.answer);
  list.ensure(0, 49);
  await settle();
  return { source, list };
}

test('the whole is known from the first window on', async () => {
  const { list } = await opened(100_000);
  expect([list.ready, list.total, list.idAt(0), list.idAt(60)]).toEqual([true, 100_000, 'm0', undefined]);
});

test('a jump to the middle asks for that window only', async () => {
  const { source, list } = await opened(100_000);
  list.ensure(50_010, 50_040);
  await settle();
  expect(source.asked).toEqual(['0+50', '50000+50']);
  expect(list.idAt(50_020)).toBe('m50020');
});

test('a jump whose answer a refresh throws away is asked for again', async () => {
  const { source, list } = await opened(100_000);
  // The list asks anew from the top (something changed) while the reader's jump is on its way.
  list.ensure(50_010, 50_040);
  await list.refresh(0, 20);
  await settle();
  expect(list.idAt(50_020)).toBe('m50020');
  expect(list.idAt(50_040)).toBe('m50040');
  expect(source.asked.filter((each) => each === '50000+50')).toHaveLength(2);
});

test('what is there is not asked for again', async () => {
  const { source, list } = await opened(500);
  list.ensure(10, 40);
  list.ensure(40, 110);
  await settle();
  list.ensure(0, 149);
  await settle();
  expect(source.asked).toEqual(['0+50', '50+100']);
});

test('new mail at the top: the reader further down keeps the row before the eyes', async () => {
  const { source, list } = await opened(1000);
  list.ensure(400, 430);
  await settle();
  const shifts: number[] = [];
  list.listen((shift) => shifts.push(shift));
  source.ids.unshift('new1', 'new2', 'new3');
  await list.refresh(410, 20);
  expect(list.idAt(413)).toBe('m410');
  expect(shifts).toEqual([3]);
  expect(list.total).toBe(1003);
});

test('new mail at the top is seen by a reader at the top', async () => {
  const { source, list } = await opened(100);
  source.ids.unshift('new');
  await list.refresh(0, 20);
  expect(rows(list, 0, 1)).toEqual(['new', 'm0']);
});

test('hidden rows close up at once and do not come back with an older answer', async () => {
  const { list } = await opened(120);
  const hidden = list.hide(['m1', 'm3']);
  expect(rows(list, 0, 2)).toEqual(['m0', 'm2', 'm4']);
  await list.refresh(0, 20);
  expect(rows(list, 0, 2)).toEqual(['m0', 'm2', 'm4']);
  expect(list.total).toBe(118);
  hidden.restore();
  expect(rows(list, 0, 4)).toEqual(['m0', 'm1', 'm2', 'm3', 'm4']);
  expect(list.total).toBe(120);
});

test('a restored row is not doubled when the server has told it meanwhile', async () => {
  const { list } = await opened(60);
  const hidden = list.hide(['m5']);
  hidden.forget();
  await list.refresh(0, 20);
  hidden.restore();
  expect(rows(list, 4, 7)).toEqual(['m4', 'm5', 'm6', 'm7']);
  expect(list.total).toBe(60);
});

test('an anchor that is gone falls back to the position', async () => {
  const { source, list } = await opened(300);
  list.ensure(100, 140);
  await settle();
  source.ids = source.ids.filter((id) => id !== 'm110');
  await list.refresh(110, 10);
  expect(list.idAt(110)).toBe('m111');
});

test('an answer to an older question changes nothing', async () => {
  const source = new Source(100);
  let release: (window: Window) => void = () => undefined;
  const slow = new Promise<Window>((resolve) => (release = resolve));
  const answer = vi.fn(source.answer).mockReturnValueOnce(slow);
  const list = new WindowedList(answer);
  list.ensure(0, 49);
  await list.refresh(0, 20);
  release({ position: 0, ids: ['old'], total: 1 });
  await settle();
  expect([list.idAt(0), list.total]).toEqual(['m0', 100]);
});

test('a failure is told and the next try heals it', async () => {
  const source = new Source(10);
  let broken = true;
  const list = new WindowedList((start, limit) =>
    broken ? Promise.reject(new Error('cut')) : source.answer(start, limit),
  );
  list.ensure(0, 49);
  await settle();
  expect(list.error).toBeInstanceOf(Error);
  broken = false;
  list.ensure(0, 49);
  await settle();
  expect([list.error, list.total]).toEqual([null, 10]);
});

test('missing pages are joined into runs', () => {
  const known = new Set([1, 4]);
  expect(missingRuns(0, 5 * PAGE + 3, (page) => known.has(page))).toEqual([
    [0, 1],
    [2, 2],
    [5, 1],
  ]);
  expect(missingRuns(0, -1, () => false)).toEqual([]);
});

test('rows that come early are shown until the total is known', async () => {
  let tellTotal: (window: Window) => void = () => undefined;
  const ids = ['a', 'b'];
  const asked: boolean[] = [];
  const list = new WindowedList((_start, _limit, early) => {
    asked.push(early !== undefined);
    early?.({ position: 0, ids, total: 2 });
    return new Promise((resolve) => (tellTotal = resolve));
  });
  list.ensure(0, 1);
  await settle();
  expect([list.ready, list.total, list.idAt(1)]).toEqual([true, 2, 'b']);
  tellTotal({ position: 0, ids, total: 900 });
  await settle();
  expect([list.total, list.idAt(1)]).toEqual([900, 'b']);
  list.ensure(50, 99);
  await settle();
  expect(asked).toEqual([true, false]);
});
