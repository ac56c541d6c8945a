import { afterEach, expect, it, vi } from 'vitest';
import { Listing } from '../src/app/listing.svelte.ts';

interface Row {
  at: number;
}

afterEach(() => {
  vi.unstubAllGlobals();
});

it('a following part that begins with the last row again shows it once', async () => {
  const parts = [
    { items: [{ at: 9 }, { at: 8 }], next: '8' },
    { items: [{ at: 8 }, { at: 7 }], next: null },
  ];
  vi.stubGlobal('fetch', () => Promise.resolve(new Response(JSON.stringify(parts.shift()))));
  const list = new Listing<Row>('/audit-records', undefined, (row) => String(row.at));
  await list.load();
  await list.more();
  expect(list.rows.map((row) => row.at)).toEqual([9, 8, 7]);
  expect([list.next, list.busy]).toEqual([null, false]);
});
