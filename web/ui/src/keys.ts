/**
 * Keys under an input method. While Korean is composed, Enter, Tab, Escape, arrows and commas
 * belong to the input method; and a shortcut letter may arrive as a jamo, as "Process" or not at
 * all, with only the place of the key on the board to go by.
 */

export interface KeyPress {
  key: string;
  code: string;
  keyCode: number;
  isComposing: boolean;
  shiftKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
}

/**
 * Chrome on Windows and macOS sends keydown 229 before compositionend; Safari sends
 * compositionend first and then keydown 229 with isComposing false. Both mean "not for you".
 */
export function belongsToInputMethod(event: Pick<KeyPress, 'isComposing' | 'keyCode'>): boolean {
  return event.isComposing || event.keyCode === 229;
}

const SHIFTED: Record<string, string> = { Digit3: '#', Slash: '?', Digit1: '!', Digit8: '*' };
const PLAIN: Record<string, string> = { Slash: '/', Period: '.', Comma: ',' };

/** The key as if a Latin layout were on: `key` when it is Latin, else by its place. */
export function latinKey(event: Pick<KeyPress, 'key' | 'code' | 'shiftKey'>): string {
  const { key, code, shiftKey } = event;
  if (/^[\x20-\x7e]$/.test(key)) return key.toLowerCase();
  const named = key.length > 1 && key !== 'Process' && key !== 'Unidentified' && key !== 'Dead';
  if (named) return key;
  if (/^Key[A-Z]$/.test(code)) return code.slice(3).toLowerCase();
  return (shiftKey ? SHIFTED[code] : PLAIN[code]) ?? key;
}

/**
 * The name of a shortcut: `j`, `#`, `Enter`, `Mod+Enter`, `Shift+i`. Mod is Ctrl or ⌘. Shift is part
 * of a sign (`#`, `?`) and named only with letters and named keys.
 */
export function shortcutOf(event: KeyPress): string {
  const key = latinKey(event);
  const parts = [];
  if (event.ctrlKey || event.metaKey) parts.push('Mod');
  if (event.altKey) parts.push('Alt');
  if (event.shiftKey && (/^[a-z]$/.test(key) || key.length > 1)) parts.push('Shift');
  return [...parts, key].join('+');
}

/** `Mod+Enter` as keyboards say it. */
export function keyShown(key: string | undefined): string {
  const mac = /mac|iphone|ipad/i.test(globalThis.navigator?.platform ?? '');
  return (key ?? '')
    .split('+')
    .map((part) => (part === 'Mod' ? (mac ? '⌘' : 'Ctrl') : part.length === 1 ? part.toUpperCase() : part))
    .join(mac ? '' : '+');
}

/** Places where letters are text and not commands. */
export function takesText(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  // Letters find an option of a list.
  if (target.isContentEditable || target.matches('textarea, select, [role=combobox]')) return true;
  return target instanceof HTMLInputElement && !/^(button|checkbox|radio|range|submit)$/.test(target.type);
}
