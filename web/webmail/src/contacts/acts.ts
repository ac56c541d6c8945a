/** What can be done to cards, groups and books: done at the server, told, and led back by undo. */
import {
  type AddressBook,
  cardName,
  type ContactCard,
  createCard,
  destroyBook,
  destroyCards,
  getCards,
  type NewCard,
  updateCard,
} from '@smartmail/jmap/contacts.ts';
import { MethodFailure } from '@smartmail/jmap/errors.ts';
import type { PatchObject } from '@smartmail/jmap/methods.ts';
import type { Pipeline } from '@smartmail/jmap/pipeline.ts';
import type { RecordAct, Records } from '@smartmail/jmap/records.ts';
import type { Id } from '@smartmail/jmap/types.ts';
import { confirm } from '../app/confirm.svelte.ts';
import { connection } from '../app/connection.svelte.ts';
import { t } from '../app/language.svelte.ts';
import { notices } from '../app/notices.svelte.ts';
import { shown } from './shown.svelte.ts';

function pipeline(): Pipeline {
  const { account } = connection;
  if (!account) throw new MethodFailure('accountNotFound');
  return account.pipeline;
}

/** Says that it is done and how to lead back; or why it is not. */
async function done(act: RecordAct<unknown>, told: string): Promise<boolean> {
  try {
    await act.done;
  } catch (error) {
    refused(error);
    return false;
  }
  // What is told to be done can be seen.
  await shown.refresh();
  const undo = (): void => {
    act.undo().done.then(
      () => (notices.show(t('notice.undone')), shown.refresh()),
      (error: unknown) => refused(error),
    );
  };
  notices.show(told, { undo });
  return true;
}

function refused(error: unknown): void {
  connection.failed(error);
  const full = error instanceof MethodFailure && /overQuota|limit|tooLarge/i.test(error.type);
  notices.show(t(full ? 'contacts.full' : 'error.takenBack'), { tone: 'bad' });
}

export async function addCard(card: NewCard): Promise<ContactCard | null> {
  try {
    const made = await createCard(pipeline(), card);
    const act = { done: Promise.resolve(), undo: () => destroyCards(pipeline(), [made]) };
    const key = card.kind === 'group' ? 'contacts.groupMade' : 'contacts.added';
    await done(act, t(key, { count: 1, name: cardName(made) }));
    return made;
  } catch (error) {
    refused(error);
    return null;
  }
}

export function changeCard(card: ContactCard, patch: PatchObject): Promise<boolean> {
  return done(updateCard(pipeline(), card, patch), t('contacts.changed', { name: cardName(card) }));
}

/** Whole cards are fetched first: what a list knows of them would not bring them back. */
export async function removeCards(ids: readonly Id[]): Promise<boolean> {
  if (ids.length === 0) return false;
  try {
    const cards = await getCards(pipeline(), ids);
    const name = cards.map(cardName).join(', ');
    return await done(destroyCards(pipeline(), cards), t('contacts.removed', { count: cards.length, name }));
  } catch (error) {
    refused(error);
    return false;
  }
}

/** A whole card of which a list shows a part. */
export async function wholeCard(id: Id): Promise<ContactCard | undefined> {
  return (await getCards(pipeline(), [id]))[0];
}

export function intoGroup(group: ContactCard, cards: readonly ContactCard[]): Promise<boolean> {
  const uids = cards.filter(({ kind }) => kind !== 'group').map(({ uid }) => [uid, true] as const);
  const members = { ...group.members, ...Object.fromEntries(uids) };
  const told = t('contacts.grouped', { count: uids.length, name: cardName(group) });
  return done(updateCard(pipeline(), group, { members }), told);
}

export function outOfGroup(group: ContactCard, cards: readonly ContactCard[]): Promise<boolean> {
  const out = new Set(cards.map(({ uid }) => uid));
  const members = Object.fromEntries(Object.entries(group.members ?? {}).filter(([uid]) => !out.has(uid)));
  const told = t('contacts.ungrouped', { count: out.size, name: cardName(group) });
  return done(updateCard(pipeline(), group, { members }), told);
}

const books = (): Records<AddressBook> | undefined => connection.account?.records<AddressBook>('AddressBook');

export async function addBook(name: string): Promise<void> {
  try {
    const records = books();
    if (!records) return;
    const made = await records.create({ name });
    const act = { done: Promise.resolve(), undo: () => records.destroy(made.id) };
    // With its rights, which the answer does not tell.
    await records.refresh();
    await done(act, t('contacts.bookMade', { name }));
  } catch (error) {
    refused(error);
  }
}

export async function renameBook(book: AddressBook, name: string): Promise<void> {
  const act = books()?.update(book.id, { name });
  if (act) await done(act, t('contacts.changed', { name }));
}

/** Its cards go with it, and a book cannot be made anew with them: this one is asked for. */
export async function removeBook(book: AddressBook): Promise<boolean> {
  const { name } = book;
  const question = { title: t('contacts.bookRemoveTitle', { name }), text: t('contacts.bookRemoveText') };
  if (!(await confirm({ ...question, verb: t('action.delete') }))) return false;
  try {
    await destroyBook(pipeline(), book.id);
    await books()?.refresh();
    await shown.refresh();
    notices.show(t('contacts.removed', { count: 1, name }));
    return true;
  } catch (error) {
    refused(error);
    return false;
  }
}
