/** Chapters of the guide and their sections in the command palette, found by their own words and by those of other mail programs. */
import BookOpen from '@lucide/svelte/icons/book-open';
import type { Command } from './commands.ts';
import { openGuide } from '../app/guide.ts';
import { OTHER_WORDS } from '../app/guide-words.ts';
import { language, t } from '../app/language.svelte.ts';

/** Of the language that the guide is read in. */
export async function guideCommands(): Promise<Command[]> {
  const { default: topics } = await (language() === 'ko'
    ? import('virtual:guide/topics-ko')
    : import('virtual:guide/topics-en'));
  return topics.map(({ to, title, of }) => ({
    id: `guide-${to}`,
    label: of === undefined ? title : `${of} › ${title}`,
    hint: t('action.guide'),
    icon: BookOpen,
    words: [title, ...(OTHER_WORDS[to] ?? [])],
    run: () => openGuide(to),
  }));
}
