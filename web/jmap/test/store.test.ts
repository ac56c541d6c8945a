import { expect, test } from 'vitest';
import { RecordStore } from '../src/store.ts';

interface Thing {
  id: string;
  value: number;
  note?: string;
}

const add = (by: number) => (thing: Thing) => ({ ...thing, value: thing.value + by });
const over = (id: string, by: number) => new Map([[id, add(by)]]);

test('an overlay shows at once and disappears when it is dropped', () => {
  const store = new RecordStore<Thing>();
  store.put([{ id: 'a', value: 1 }]);
  const overlay = store.overlay(over('a', 10));
  expect(store.get('a')?.value).toBe(11);
  overlay.drop();
  expect(store.get('a')?.value).toBe(1);
});

test('a kept overlay becomes part of the record, once', () => {
  const store = new RecordStore<Thing>();
  store.put([{ id: 'a', value: 1 }]);
  const overlay = store.overlay(over('a', 10));
  overlay.keep();
  overlay.keep();
  overlay.drop();
  expect(store.get('a')?.value).toBe(11);
});

test('an answer that arrives under an overlay does not hide it', () => {
  const store = new RecordStore<Thing>();
  store.put([{ id: 'a', value: 1 }]);
  const overlay = store.overlay(over('a', 10));
  store.put([{ id: 'a', value: 5 }]);
  expect(store.get('a')?.value).toBe(15);
  overlay.drop();
  expect(store.get('a')?.value).toBe(5);
});

test('overlays of one record stack and close in any order', () => {
  const store = new RecordStore<Thing>();
  store.put([{ id: 'a', value: 0 }]);
  const first = store.overlay(over('a', 1));
  const second = store.overlay(over('a', 10));
  first.drop();
  expect(store.get('a')?.value).toBe(10);
  second.keep();
  expect(store.get('a')?.value).toBe(10);
});

test('an overlay on an unknown record waits for it', () => {
  const store = new RecordStore<Thing>();
  store.overlay(over('a', 10));
  expect(store.get('a')).toBeUndefined();
  store.put([{ id: 'a', value: 1 }]);
  expect(store.get('a')?.value).toBe(11);
});

test('a partial answer keeps the properties that it does not tell', () => {
  const store = new RecordStore<Thing>();
  store.put([{ id: 'a', value: 1, note: 'kept' }]);
  store.put([{ id: 'a', value: 2 }]);
  expect(store.get('a')).toEqual({ id: 'a', value: 2, note: 'kept' });
});
