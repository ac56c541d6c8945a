import { describe, expect, test } from 'vitest';
import type { Knob } from '../src/api/types.ts';
import { valueField, valueOf } from '../src/app/knobs.ts';
import { setupLink } from '../src/app/links.ts';
import { daysLeft } from '../src/app/show.ts';
import { tree } from '../src/app/tree.ts';
import { AREAS, areaOf } from '../src/app/values.ts';

const knob = (more: Partial<Knob>): Knob => ({
  name: 'x.y',
  title: '',
  default: false,
  levels: ['organization'],
  help: '',
  kind: 'flag',
  choices: [],
  least: null,
  most: null,
  zeroIsNone: false,
  unit: null,
  zero: null,
  ...more,
});
const word = (one: string): string => one;

describe('the tree of departments', () => {
  const row = (id: string, parentId: string, position = 0): { id: string; parentId: string; position: number; name: string } => ({
    id,
    parentId,
    position,
    name: `n${id}`,
  }); // prettier-ignore

  test('each below its parent, in its order, with its depth', () => {
    const rows = tree([row('3', '1', 2), row('1', '0'), row('2', '1', 1), row('4', '2')]);
    expect(rows.map((one) => [one.id, one.depth])).toEqual([
      ['1', 0],
      ['2', 1],
      ['4', 2],
      ['3', 1],
    ]);
  });

  test('one whose parent is not seen stands at the top', () => {
    expect(tree([row('5', '99')]).map((one) => one.depth)).toEqual([0]);
  });
});

describe('the editor of a knob', () => {
  test('a switch', () => {
    expect(valueField(knob({}), true, word)).toMatchObject({ kind: 'choice', begin: 'true' });
    expect(valueOf(knob({}), { value: 'false' })).toBe(false);
  });

  test('a count with its greatest value, octets in gigabytes', () => {
    const count = knob({ default: 5, kind: 'count', most: 9 });
    expect(valueField(count, 7, word)).toMatchObject({ kind: 'number', begin: '7', most: 9 });
    expect(valueOf(count, { value: '8' })).toBe(8);
    const octets = knob({ name: 'quota.octets', default: 0, kind: 'count', unit: 'octets', most: 2 ** 50 });
    expect(valueField(octets, 2 ** 30, word)).toMatchObject({ kind: 'gigabytes', begin: '1', least: 0 });
    expect(valueOf(octets, { value: '2' })).toBe(2 ** 31);
    const file = knob({ default: 0, kind: 'count', unit: 'octets', most: 2 ** 31, zero: 'unlimited' });
    expect(valueField(file, 25 * 2 ** 20, word)).toMatchObject({ kind: 'number', begin: '25', unit: 'megabytes' });
    expect(valueOf(file, { value: '30' })).toBe(30 * 2 ** 20);
  });

  test('names to be chosen from, or lines', () => {
    const names = knob({ default: ['a'], kind: 'names', choices: ['a', 'b'] });
    expect(valueField(names, ['b'], word)).toMatchObject({ kind: 'choices', begin: ['b'] });
    expect(valueOf(names, { value: ['a', 'b'] })).toEqual(['a', 'b']);
    expect(valueOf(knob({ default: [], kind: 'networks' }), { value: '10.0.0.0/8\n' })).toEqual(['10.0.0.0/8']);
  });
});

test('a set-up link as the server tells it, else beside the admin host', () => {
  const here = { protocol: 'https:', host: 'admin.a.example:8443' };
  expect(setupLink({ token: 't', url: 'https://mail.a.example/setup#t' }, here)).toBe('https://mail.a.example/setup#t');
  expect(setupLink({ token: 't', url: '' }, here)).toBe('https://a.example:8443/setup#t');
});

test('days left are whole and go below zero', () => {
  const now = Date.parse('2026-11-26T00:00:00Z');
  expect(daysLeft('2026-11-28T12:00:00Z', now)).toBe(2);
  expect(daysLeft('2026-11-25T12:00:00Z', now)).toBe(-1);
});

test('every knob has an area', () => {
  expect(areaOf('password.min-length')).toBe('signIn');
  expect(areaOf('door.imap')).toBe('programs');
  expect(areaOf('screen.density')).toBe('screen');
  expect(AREAS).toContain(areaOf('something.new'));
});
