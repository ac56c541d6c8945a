/** Chapters of the guide and their sections, for the search over everything. */
import { guideAt } from '../app/guide.ts';
import { language } from '../app/language.svelte.ts';
import { folded, type Hit } from './finding.ts';

export interface Topic {
  to: string;
  title: string;
  of?: string;
}

const MOST = 5;

/** What the guide tells of, in the language that it is read in. */
export async function guideTopics(): Promise<Topic[]> {
  const found = await (language() === 'ko' ? import('virtual:guide/topics-ko') : import('virtual:guide/topics-en'));
  return found.default;
}

/** Titles that hold every typed word; chapters before sections. `more`: what is said of all of them. */
export function topicsFor(typed: string, topics: readonly Topic[], more: string): Hit[] {
  const wanted = folded(typed).split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return [];
  return topics
    .filter(({ title }) => wanted.every((word) => folded(title).includes(word)))
    .sort((one, other) => Number(one.of !== undefined) - Number(other.of !== undefined))
    .slice(0, MOST)
    .map(({ to, title, of }) => ({
      id: `guide ${to}`,
      kind: 'guide',
      title: of === undefined ? title : `${of} › ${title}`,
      more,
      href: guideAt(to),
    }));
}
