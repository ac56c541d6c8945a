/** Records of any type: fetched whole, changed at once, taken back when refused, undone. */
import { expect, test, vi } from 'vitest';
import { inversePatch, patched } from '../src/patch.ts';
import type { Id } from '../src/types.ts';
import { openAccount, settle } from './fixture.ts';

interface Preferences {
  id: Id;
  values: Record<string, unknown>;
}

async function opened() {
  const { account, client } = await openAccount(3);
  const records = account.records<Preferences>('UserPreferences', { changes: false });
  await records.load();
  return { account, client, records };
}

test('a change is seen before the server knows it, and stays', async () => {
  const { account, records } = await opened();
  const seen = vi.fn();
  records.listen(seen);
  const act = records.update('singleton', { 'values/density': 'compact' });
  expect(records.get('singleton')?.values).toEqual({ density: 'compact' });
  expect(seen).toHaveBeenCalled();
  await act.done;
  await records.refresh();
  expect(records.get('singleton')?.values).toEqual({ density: 'compact' });
  expect(account.records('UserPreferences')).toBe(records);
});

test('an answer that was asked for before a change and comes after it takes nothing back', async () => {
  const { client, records } = await opened();
  const real = client.request.bind(client);
  let release: () => void = () => undefined;
  const late = new Promise<void>((resolve) => (release = resolve));
  let first = true;
  client.request = async (session, request) => {
    const answer = await real(session, request);
    if (request.methodCalls.some(([name]) => name === 'UserPreferences/get') && first) {
      first = false;
      await late;
    }
    return answer;
  };
  const refreshed = records.refresh();
  // Calls of one moment travel together.
  await settle();
  await records.update('singleton', { 'values/density': 'compact' }).done;
  release();
  await refreshed;
  expect(records.get('singleton')?.values).toEqual({ density: 'compact' });
});

test('undo puts back what was there', async () => {
  const { records } = await opened();
  await records.update('singleton', { 'values/a': 1 }).done;
  const act = records.update('singleton', { 'values/a': 2, 'values/b': 3 });
  await act.done;
  await act.undo().done;
  await records.refresh();
  expect(records.get('singleton')?.values).toEqual({ a: 1 });
});

test('a refused change is taken back', async () => {
  const { client, records } = await opened();
  client.setOnline(false);
  const act = records.update('singleton', { 'values/a': 1 });
  expect(records.get('singleton')?.values).toEqual({ a: 1 });
  await expect(act.done).rejects.toThrow();
  expect(records.get('singleton')?.values).toEqual({});
  client.setOnline(true);
  const gone = records.destroy('singleton');
  expect(records.values()).toEqual([]);
  await gone.done;
  await expect(records.update('singleton', { 'values/a': 1 }).done).rejects.toThrow('notFound');
});

test('what is destroyed comes back by undo; what is made has an id', async () => {
  const { records } = await opened();
  const made = await records.create({ values: { x: 1 } });
  expect(records.get(made.id)?.values).toEqual({ x: 1 });
  const act = records.destroy(made.id);
  await act.done;
  await act.undo().done;
  expect(records.values().map((each) => each.values)).toContainEqual({ x: 1 });
});

test('another page hears of it', async () => {
  const { account, records } = await opened();
  const stop = account.watch({ changed: () => undefined, connected: () => undefined, failed: () => undefined });
  await account.pipeline.send('UserPreferences/set', { update: { singleton: { 'values/z': 9 } } }).result;
  await vi.waitFor(() => expect(records.get('singleton')?.values).toEqual({ z: 9 }));
  stop();
});

test('patches name paths', () => {
  const record = { id: 'a', keywords: { $seen: true, 'a/b': true }, name: 'x' };
  const patch = { 'keywords/$seen': null, 'keywords/a~1b': null, 'keywords/n~0': true, name: null };
  const after = patched(record, patch);
  expect(after).toEqual({ id: 'a', keywords: { 'n~': true }, name: null });
  expect(patched(after, inversePatch(record, patch))).toEqual(record);
});
