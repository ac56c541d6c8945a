import { describe, expect, test } from 'vitest';
import { beginning, faults, type Field, filled, lines, local, moment, octetsOf, wrong } from '../src/app/forms.ts';

const field = (more: Partial<Field>): Field => ({ name: 'x', label: 'form.reason', ...more });

describe('what will not do', () => {
  test('what is needed and missing, also where only spaces were typed', () => {
    expect(wrong(field({ needed: true }), '  ')).toBe('form.needed');
    expect(wrong(field({ needed: true, kind: 'choices' }), [])).toBe('form.needed');
    expect(wrong(field({}), '')).toBe('');
  });

  test('an address without its domain', () => {
    expect(wrong(field({ kind: 'email' }), 'kim')).toBe('form.address');
    expect(wrong(field({ kind: 'email' }), 'kim@a.example')).toBe('');
  });

  test('a number that is none, no whole one, or out of range', () => {
    const number = field({ kind: 'number', least: 1, most: 10 });
    expect(wrong(number, 'ten')).toBe('form.number');
    expect(wrong(number, '1.5')).toBe('form.number');
    expect(wrong(number, '11')).toBe('form.range');
    expect(wrong(number, '10')).toBe('');
  });

  test('words that are too few', () => {
    expect(wrong(field({ least: 10 }), 'short')).toBe('form.short');
    expect(wrong(field({ least: 10 }), 'long enough')).toBe('');
  });

  test('no gigabytes at all, unless none means no limit', () => {
    expect(wrong(field({ kind: 'gigabytes' }), '0')).toBe('form.range');
    expect(wrong(field({ kind: 'gigabytes', least: 0 }), '0')).toBe('');
  });

  test('all faults of a form by name', () => {
    const fields = [field({ name: 'a', needed: true }), field({ name: 'b' })];
    expect(faults(fields, beginning(fields))).toEqual({ a: 'form.needed' });
  });
});

describe('what was given', () => {
  test('begins with the first option, nothing chosen, nothing typed', () => {
    const fields = [field({ name: 'a', kind: 'choice', options: ['x', 'y'] }), field({ name: 'b', kind: 'flag' })];
    expect(beginning([...fields, field({ name: 'c', kind: 'choices' })])).toEqual({ a: 'x', b: false, c: [] });
  });

  test('lines by line and comma, without what is empty', () => {
    expect(lines({ x: ' a@b \n\nc, d ' }, 'x')).toEqual(['a@b', 'c', 'd']);
  });

  test('a time of this place goes to the API and back', () => {
    const now = new Date(2026, 10, 26, 9, 30);
    expect(moment({ x: local(now) }, 'x')).toBe(now.toISOString());
    expect(moment({ x: '' }, 'x')).toBeNull();
  });

  test('gigabytes as octets', () => {
    expect(octetsOf({ x: '1.5' }, 'x')).toBe(1_610_612_736);
    expect(octetsOf({ x: '' }, 'x')).toBeNull();
  });

  test('what is empty is left out', () => {
    expect(filled({ a: '', b: null, c: 0, d: false })).toEqual({ c: 0, d: false });
  });
});
