/** Whose cards the address of the page names: `all`, `book-…`, `group-…`. Pure. */
import type { Id } from '@smartmail/jmap/types.ts';

export const EVERYBODY = 'all';

export interface Scope {
  book?: Id;
  group?: Id;
}

export function scopeOf(text: string | undefined): Scope {
  const [, kind, id] = /^(book|group)-(.+)$/.exec(text ?? '') ?? [];
  return kind === 'book' && id ? { book: id } : kind === 'group' && id ? { group: id } : {};
}
