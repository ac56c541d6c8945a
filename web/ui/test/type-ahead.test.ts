import { expect, test } from 'vitest';
import { foundByLetters, letterOf, TypedLetters } from '../src/type-ahead.ts';

const LABELS = ['목록만', '오른쪽', '아래', 'English', '한국어', '일본어'];
const press = (key: string, more: Partial<KeyboardEvent> = {}): KeyboardEvent =>
  ({
    key,
    code: '',
    keyCode: 0,
    shiftKey: false,
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    ...more,
  }) as KeyboardEvent;

test('by a syllable, its jamo, the Latin letters of its keys, and initial consonants', () => {
  expect(foundByLetters(LABELS, '한', 0)).toBe(4);
  expect(foundByLetters(LABELS, 'ㅎㅏ', 0)).toBe(4);
  expect(foundByLetters(LABELS, 'gks', 0)).toBe(4);
  expect(foundByLetters(LABELS, 'ㅇㄹㅉ', 0)).toBe(1);
  expect(foundByLetters(LABELS, 'en', 0)).toBe(3);
  expect(foundByLetters(LABELS, 'x', 0)).toBe(-1);
});

test('the same letter again goes on to the next', () => {
  expect(foundByLetters(LABELS, 'ㅇ', 0)).toBe(1);
  expect(foundByLetters(LABELS, 'ㅇㅇ', 1)).toBe(2);
  expect(foundByLetters(LABELS, 'ㅇㅇㅇ', 2)).toBe(5);
});

test('more letters stay with what fits them already', () => {
  expect(foundByLetters(LABELS, 'ㅇㅗ', 1)).toBe(1);
});

test('a key under an input method counts by its place', () => {
  expect(letterOf(press('Process', { code: 'KeyG', keyCode: 229 }))).toBe('g');
  expect(letterOf(press('ㅎ', { code: 'KeyG' }))).toBe('ㅎ');
  expect(letterOf(press('k', { ctrlKey: true }))).toBe('');
  expect(letterOf(press('ArrowDown'))).toBe('');
});

test('letters that follow each other soon are one word, later ones begin another', () => {
  const typed = new TypedLetters();
  expect(typed.goesOn(0)).toBe(false);
  expect(typed.next(LABELS, 'ㅎ', 1000, -1)).toBe(4);
  expect(typed.goesOn(1700)).toBe(true);
  expect(typed.next(LABELS, 'ㅏ', 1700, 4)).toBe(4);
  expect(typed.next(LABELS, 'ㅇ', 2600, 4)).toBe(5);
  typed.forget();
  expect(typed.goesOn(2600)).toBe(false);
});
