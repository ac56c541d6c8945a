/** Lists of people in the order that readers of the page's language expect: 가나다, あいうえお, 拼音, 筆畫. */
import { collationOf } from '@smartmail/jmap/collation.ts';
import { language } from '../app/language.svelte.ts';

/** For methods that sort by what names alone decide. */
export const nameCollation = (): string => collationOf(language());

export function byName(): { property: 'name'; collation: string }[] {
  return [{ property: 'name', collation: nameCollation() }];
}
