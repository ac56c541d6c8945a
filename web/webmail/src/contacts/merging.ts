/** Doubles looked for in the whole address book, and made one: the cards that stay first, then the others go. */
import { cardName, type ContactCard, destroyCards, findCards, updateCard } from '@smartmail/jmap/contacts.ts';
import type { PatchObject } from '@smartmail/jmap/methods.ts';
import type { Pipeline } from '@smartmail/jmap/pipeline.ts';
import { connection } from '../app/connection.svelte.ts';
import { t } from '../app/language.svelte.ts';
import { notices } from '../app/notices.svelte.ts';
import { type Double, doublesAmong, mergedInto, regrouped } from './doubles.ts';
import { shown } from './shown.svelte.ts';

const PAGE = 500;
/** A larger address book is looked through as far as this. */
const MOST_CARDS = 20_000;

/** Only of books that may be written to. */
export async function lookForDoubles(pipeline: Pipeline): Promise<Double[]> {
  const cards: ContactCard[] = [];
  for (;;) {
    const { list, total } = await findCards(pipeline, { position: cards.length, limit: PAGE });
    cards.push(...list);
    if (list.length === 0 || cards.length >= Math.min(total, MOST_CARDS)) break;
  }
  const writable = new Set(shown.books.filter((book) => book.myRights.mayWrite).map(({ id }) => id));
  return doublesAmong(cards.filter((card) => Object.keys(card.addressBookIds).every((id) => writable.has(id))));
}

/** Raises what the server refuses: then nothing has gone, at most a card that stays says more than before. */
export async function merge(pipeline: Pipeline, chosen: readonly Double[]): Promise<void> {
  const changes: [ContactCard, PatchObject][] = [
    ...chosen.flatMap(({ cards }): [ContactCard, PatchObject][] => {
      const patch = mergedInto(cards);
      return cards[0] && Object.keys(patch).length > 0 ? [[cards[0], patch]] : [];
    }),
    ...regrouped(shown.groups, chosen),
  ];
  const acts = changes.map(([card, patch]) => updateCard(pipeline, card, patch));
  await Promise.all(acts.map((act) => act.done));
  const going = chosen.flatMap(({ cards }) => cards.slice(1));
  const gone = destroyCards(pipeline, going);
  await gone.done;
  await shown.refresh();
  const undo = async (): Promise<void> => {
    // With the same uids, so that groups and other programs know them.
    await gone.undo().done;
    await Promise.all(acts.map((act) => act.undo().done));
    await shown.refresh();
    notices.show(t('notice.undone'));
  };
  const name = chosen[0]?.cards[0] ? cardName(chosen[0].cards[0]) : '';
  notices.show(t('contacts.merged', { count: chosen.length, name }), {
    undo: () =>
      void undo().catch((error: unknown) => {
        connection.failed(error);
        notices.show(t('error.takenBack'), { tone: 'bad' });
      }),
  });
}
