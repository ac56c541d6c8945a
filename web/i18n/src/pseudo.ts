/**
 * The pseudo-locale of development and tests: English with marks on its letters, 40 % longer, between brackets. What
 * is cut off, glued together or not translated at all shows on any screen without knowing a language.
 */
import type { Message } from './translate.ts';

const MARKED: Record<string, string> = {
  a: 'á', c: 'ç', e: 'é', g: 'ğ', i: 'ï', n: 'ñ', o: 'ö', s: 'š', u: 'ü', y: 'ý', z: 'ž',
  A: 'Å', C: 'Ç', E: 'É', I: 'Î', N: 'Ñ', O: 'Ø', S: 'Š', U: 'Û', Y: 'Ý', Z: 'Ž',
}; // prettier-ignore

export function pseudo(message: Message): Message {
  if (typeof message === 'string') return stretched(message);
  return Object.fromEntries(Object.entries(message).map(([form, text]) => [form, stretched(text)])) as Message;
}

/** Places such as {name} stay as they are. */
function stretched(text: string): string {
  const marked = text.replace(/\{\w+\}|[A-Za-z]/g, (found) => MARKED[found] ?? found);
  const more = Math.max(1, Math.ceil(text.replace(/\{\w+\}/g, '').length * 0.4));
  return `[${marked} ${'~'.repeat(more)}]`;
}
