/** Around an open letter: which cause is told first, what a file is called on its sheet, whose face stands beside it. */
import { expect, test } from 'vitest';
import { kindOf } from '../src/people/face.ts';
import { causesOf } from '../src/reading/causes.ts';
import { fileKind } from '../src/reading/file-kinds.ts';

test('a danger is never folded away behind something milder', () => {
  const said = { unsubscribe: 'u', pictures: 'p', first: 'f', doubtful: 'd', impostor: 'i', draft: null, reminder: '' };
  expect(causesOf(said).map(({ cause }) => cause)).toEqual([
    'impostor',
    'doubtful',
    'first',
    'pictures',
    'unsubscribe',
  ]);
  expect(causesOf({ pictures: 'p', doubtful: 'd' })[0]).toEqual({ cause: 'doubtful', words: 'd' });
  expect(causesOf({})).toEqual([]);
});

test('a sheet says the ending, and the name keeps what the sheet does not say', () => {
  expect(fileKind('견적서.v2.pdf', 'application/pdf')).toMatchObject({
    word: 'PDF',
    stem: '견적서.v2',
  });
  expect(fileKind('report.numbers', 'application/x-iwork')).toMatchObject({
    word: '',
    stem: 'report.numbers',
  });
  expect(fileKind('첨부', 'image/png')).toMatchObject({ word: 'PNG', stem: '첨부' });
  expect(fileKind('.env', 'text/plain')).toMatchObject({ stem: '.env' });
  expect(fileKind('a.xlsx', '').hue).not.toBe(fileKind('a.hwpx', '').hue);
});

test('only mail that came from inside has a face of ours; a machine is no person', () => {
  const from = (email: string): { from: { name: null; email: string }[] } => ({ from: [{ name: null, email }] });
  const outside = { ...from('kim@hanbit.example'), inspection: {} as never };
  expect(kindOf({ ...from('kim@hanbit.example'), inspection: null }, true)).toBe('ours');
  expect(kindOf(outside, true)).toBe('outside');
  expect(kindOf(from('kim@hanbit.example'), true)).toBe('ours');
  expect(kindOf(from('kim@other.example'), false)).toBe('outside');
  expect(kindOf({ ...from('no-reply@hanbit.example'), inspection: null }, true)).toBe('machine');
  expect(kindOf({ ...from('noreplyson@hanbit.example'), inspection: null }, true)).toBe('ours');
});
