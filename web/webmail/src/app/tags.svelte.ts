/** Tags: keywords with a name, a colour and a place in a tree. Messages carry the keyword, so other programs see it too. */
import type { Records } from '@smartmail/jmap/records.ts';
import type { Id } from '@smartmail/jmap/types.ts';
import { connection } from './connection.svelte.ts';
import { language, t } from './language.svelte.ts';
import { notices } from './notices.svelte.ts';
import { perform } from './perform.ts';
import { recordsOf } from './records.svelte.ts';

export interface Tag {
  id: Id;
  keyword: string;
  name: string;
  colour: string;
  order: number;
  parentId: Id | null;
  totalEmails: number;
  unreadEmails: number;
}

/** Hue of each colour that the server knows; the tokens of the theme bring lightness and strength. Grey has none. */
export const HUES: Record<string, number | undefined> = {
  grey: undefined,
  red: 20,
  brown: 45,
  orange: 65,
  yellow: 95,
  lime: 125,
  green: 155,
  teal: 190,
  sky: 225,
  blue: 258,
  indigo: 285,
  purple: 315,
  pink: 350,
};
export const COLOURS = Object.keys(HUES);

/** Of a name that nobody gave a colour: always the same one. */
export function hueOf(name: string): number {
  const hues = Object.values(HUES).filter((hue) => hue !== undefined);
  const sum = [...name].reduce((so, char) => (so * 31 + (char.codePointAt(0) ?? 0)) % 9973, 7);
  return hues[sum % hues.length] ?? 0;
}

/** Counts move with the mail and have no changes of their own: all are fetched anew, and they are few. */
const OPTIONS = { changes: false };

export const allTags = (): Tag[] => recordsOf<Tag>('Tag', OPTIONS);
export const tagRecords = (): Records<Tag> | undefined => connection.account?.records<Tag>('Tag', OPTIONS);

/** Counts follow the mail. */
export function recountTags(): void {
  void tagRecords()
    ?.refresh()
    .catch((error: unknown) => connection.failed(error));
}

export interface TagBranch {
  tag: Tag;
  depth: number;
  first: boolean;
  last: boolean;
}

/** The tree as rows from top to bottom; a tag whose parent is gone stands at the root. */
export function tagRows(tags: readonly Tag[]): TagBranch[] {
  const known = new Set(tags.map((tag) => tag.id));
  const below = (parent: Id | null, depth: number): TagBranch[] => {
    const siblings = siblingsOf(tags, parent, known);
    return siblings.flatMap((tag, at) => [
      { tag, depth, first: at === 0, last: at === siblings.length - 1 },
      ...below(tag.id, depth + 1),
    ]);
  };
  return below(null, 0);
}

function siblingsOf(tags: readonly Tag[], parent: Id | null, known: Set<Id>): Tag[] {
  const rootOf = (tag: Tag): Id | null => (tag.parentId !== null && known.has(tag.parentId) ? tag.parentId : null);
  return tags
    .filter((tag) => rootOf(tag) === parent)
    .sort((one, other) => one.order - other.order || one.name.localeCompare(other.name, language()));
}

/** Tags below a tag, itself too: none of them can become its parent. */
export function familyOf(tags: readonly Tag[], id: Id): Set<Id> {
  const family = new Set([id]);
  for (let grown = true; grown;) {
    grown = false;
    for (const tag of tags)
      if (tag.parentId !== null && family.has(tag.parentId) && !family.has(tag.id)) grown = Boolean(family.add(tag.id));
  }
  return family;
}

/** What a message carries, in the order of the tree. */
export function tagsOf(keywords: Record<string, true>): Tag[] {
  const any = Object.keys(keywords).some((keyword) => !keyword.startsWith('$'));
  return any ? tagRows(allTags()).flatMap(({ tag }) => (tag.keyword in keywords ? [tag] : [])) : [];
}

export function setTag(ids: Id[], tag: Tag, on: boolean): Promise<void> {
  return perform({
    ids,
    change: { keywords: { [tag.keyword]: on } },
    leaves: false,
    whole: true,
    notice: (count) => t(on ? 'notice.tagged' : 'notice.untagged', { count, name: tag.name }),
  });
}

export async function makeTag(wish: Pick<Tag, 'name' | 'colour' | 'parentId'>): Promise<Tag | undefined> {
  const order = Math.max(0, ...allTags().map((tag) => tag.order)) + 1;
  try {
    return await tagRecords()?.create({ ...wish, order });
  } catch (error) {
    connection.failed(error);
    notices.show(t('tag.refused', { name: wish.name }), { tone: 'bad' });
    return undefined;
  }
}

export function changeTag(id: Id, patch: Partial<Tag>): void {
  tagRecords()
    ?.update(id, patch)
    .done.catch((error: unknown) => {
      connection.failed(error);
      notices.show(t('error.takenBack'), { tone: 'bad' });
    });
}

/** One place up or down among its siblings: all of them are numbered anew, so that equal numbers are no trouble. */
export function stepTag(tag: Tag, by: -1 | 1): void {
  const tags = allTags();
  const siblings = siblingsOf(tags, tag.parentId, new Set(tags.map((each) => each.id)));
  const at = siblings.findIndex((each) => each.id === tag.id);
  const other = siblings[at + by];
  if (!other) return;
  siblings[at + by] = tag;
  siblings[at] = other;
  siblings.forEach((each, order) => each.order !== order && changeTag(each.id, { order }));
}

export async function destroyTag(tag: Tag): Promise<void> {
  try {
    await tagRecords()?.destroy(tag.id).done;
  } catch (error) {
    connection.failed(error);
    notices.show(t('error.takenBack'), { tone: 'bad' });
  }
}
