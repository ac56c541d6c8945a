/** Contacts through the client: windows of cards, changes that lead back, files. */
import { expect, test } from 'vitest';
import {
  type AddressBook,
  cardAddresses,
  cardName,
  contactsOffered,
  createCard,
  destroyCards,
  exportCards,
  findCards,
  getCards,
  importCards,
  updateCard,
} from '../src/contacts.ts';
import { openAccount } from './fixture.ts';

test('a window of cards comes in the order of the query, found by first sounds', async () => {
  const { account } = await openAccount(3);
  expect(contactsOffered(account.session, account.id)).toBe(true);
  const all = await findCards(account.pipeline, { limit: 3 });
  expect(all.list).toHaveLength(3);
  expect(all.total).toBeGreaterThan(3);
  const names = all.list.map(cardName);
  expect(names).toEqual([...names].sort((one, other) => one.localeCompare(other, 'ko')));
  const { list } = await findCards(account.pipeline, { filter: { text: 'ㅇㅈㅎ' } });
  expect(list.map(cardName)).toEqual(['임준호']);
});

test('a change leads back, and so does a removal, with the same uid', async () => {
  const { account } = await openAccount(3);
  const made = await createCard(account.pipeline, {
    name: { full: '서지훈' },
    emails: { e1: { address: 'j@x.example' } },
  });
  const [card] = await getCards(account.pipeline, [made.id]);
  if (!card) throw new Error('not made');
  const act = updateCard(account.pipeline, card, { emails: { e1: { address: 'new@x.example' } } });
  await act.done;
  await act.undo().done;
  const [back] = await getCards(account.pipeline, [made.id]);
  expect(back?.emails).toEqual({ e1: { address: 'j@x.example' } });
  const gone = destroyCards(account.pipeline, [{ ...card, uid: 'u-1' }]);
  await gone.done;
  expect(await getCards(account.pipeline, [made.id])).toEqual([]);
  await gone.undo().done;
  const { list } = await findCards(account.pipeline, { filter: { uid: 'u-1' } });
  expect(list.map(cardName)).toEqual(['서지훈']);
});

test('names are written as their script wants it, and the preferred address comes first', () => {
  const parts = (...values: [string, string]) => ({
    name: {
      components: [
        { kind: 'surname' as const, value: values[0] },
        { kind: 'given' as const, value: values[1] },
      ],
    },
  });
  expect(cardName(parts('김', '민지'))).toBe('김민지');
  expect(cardName(parts('Carter', 'Emily'))).toBe('Emily Carter');
  expect(cardName(parts('田中', '健一'))).toBe('田中健一');
  expect(cardName({ emails: { e: { address: 'a@x' } } })).toBe('a@x');
  const addresses = cardAddresses({
    name: { full: '김' },
    emails: { a: { address: 'a@x' }, b: { address: 'b@x', pref: 1 } },
  });
  expect(addresses).toEqual([
    { name: '김', email: 'b@x' },
    { name: '김', email: 'a@x' },
  ]);
});

test('books are records; files are read in and out', async () => {
  const { account } = await openAccount(3);
  const books = account.records<AddressBook>('AddressBook');
  await books.load();
  expect(books.values().filter(({ isDefault }) => isDefault)).toHaveLength(1);
  const told = await importCards(account.pipeline, 'u-1', { dryRun: true });
  expect(told.entries.map(({ outcome }) => outcome)).toEqual(['created', 'duplicate', 'failed']);
  expect((await exportCards(account.pipeline, { format: 'csv' })).name).toBe('contacts.csv');
});
