import { expect, test } from 'vitest';
import { belongsToInputMethod, type KeyPress, latinKey, shortcutOf } from '../src/keys.ts';

const press = (part: Partial<KeyPress>): KeyPress => ({
  key: '',
  code: '',
  keyCode: 0,
  isComposing: false,
  shiftKey: false,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  ...part,
});

test.each([
  ['Chrome on Windows: Enter before compositionend', { key: 'Enter', keyCode: 229, isComposing: false }, true],
  ['while composing', { key: 'Enter', keyCode: 13, isComposing: true }, true],
  ['Safari: Enter after compositionend', { key: 'Enter', keyCode: 229, isComposing: false }, true],
  ['WebKitGTK: first key of a composition', { key: 'Unidentified', keyCode: 229, isComposing: false }, true],
  ['ibus: committed, then Enter', { key: 'Enter', keyCode: 13, isComposing: false }, false],
])('%s', (_name, part, expected) => {
  expect(belongsToInputMethod(press(part))).toBe(expected);
});

test.each([
  ['Latin layout', { key: 'j', code: 'KeyJ' }, 'j'],
  ['macOS with Hangul: a jamo arrives', { key: 'ㅓ', code: 'KeyJ' }, 'j'],
  ['Windows: the input method swallows the name', { key: 'Process', code: 'KeyK' }, 'k'],
  ['WebKitGTK: no name at all', { key: 'Unidentified', code: 'KeyR' }, 'r'],
  ['double consonant with shift', { key: 'ㄲ', code: 'KeyR', shiftKey: true }, 'r'],
  ['Dvorak: the letter counts, not its place', { key: 'j', code: 'KeyC' }, 'j'],
  ['# with a jamo layout', { key: 'Process', code: 'Digit3', shiftKey: true }, '#'],
  ['? with a jamo layout', { key: 'Process', code: 'Slash', shiftKey: true }, '?'],
  ['Cyrillic layout', { key: 'о', code: 'KeyJ' }, 'j'],
  ['named key', { key: 'Enter', code: 'Enter' }, 'Enter'],
])('%s', (_name, part, expected) => {
  expect(latinKey(press(part))).toBe(expected);
});

test.each([
  [{ key: 'J', code: 'KeyJ', shiftKey: true }, 'Shift+j'],
  [{ key: '#', code: 'Digit3', shiftKey: true }, '#'],
  [{ key: 'Enter', code: 'Enter', ctrlKey: true }, 'Mod+Enter'],
  [{ key: 'k', code: 'KeyK', metaKey: true }, 'Mod+k'],
  [{ key: 'ArrowDown', code: 'ArrowDown', shiftKey: true }, 'Shift+ArrowDown'],
  [{ key: 'ㅑ', code: 'KeyI', shiftKey: true }, 'Shift+i'],
])('%j is %s', (part, expected) => {
  expect(shortcutOf(press(part))).toBe(expected);
});
