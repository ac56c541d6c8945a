import { expect, test } from 'vitest';
import { rowHeightOf, rowLook } from '../src/app/row-look.ts';
import { rowFace } from '../src/panels/row-face.ts';

test('round for one of us, square for another company, a sign for a machine', () => {
  const who = { name: '임준호 과장', email: 'junho.lim@daeyang.example' };
  expect(rowFace(who, true)).toMatchObject({ shape: 'round', letter: '임' });
  expect(rowFace(who, false).shape).toBe('square');
  for (const local of ['postmaster', 'MAILER-DAEMON', 'no-reply', 'noreply', 'donotreply', 'notice', 'alerts+disk'])
    expect(rowFace({ name: null, email: `${local}@a.example` }, true).shape, local).toBe('sign');
  for (const local of ['noticeboard', 'alertson', 'nora'])
    expect(rowFace({ name: null, email: `${local}@a.example` }, true).shape, local).toBe('round');
});

test('the letter is the first that is one; the hue belongs to the address', () => {
  expect(rowFace({ name: '(주)대양', email: 'a@b.example' }, false).letter).toBe('주');
  expect(rowFace({ name: 'emily', email: 'a@b.example' }, false).letter).toBe('E');
  expect(rowFace(undefined, false).letter).toBe('·');
  const hue = (name: string): number => rowFace({ name, email: 'a@b.example' }, false).hue;
  expect(hue('one')).toBe(hue('other'));
});

test('rows have one line where there is room, three beside a letter, and fingers their own', () => {
  const desk = { phone: false, beside: false };
  expect(rowLook(desk, 0)).toBe('line');
  expect(rowLook(desk, 1158)).toBe('line');
  expect(rowLook(desk, 519)).toBe('pane');
  // Before the first frame nobody knows how wide the list is.
  expect(rowLook({ phone: false, beside: true }, 0)).toBe('pane');
  expect(rowLook({ phone: true, beside: false }, 700)).toBe('phone');
  expect([rowHeightOf('line', 'normal'), rowHeightOf('pane', 'compact'), rowHeightOf('phone', 'compact')]).toEqual([
    36, 54, 82,
  ]);
});
