/** Which cards are of one person, and the card that is made of them. */
import type { ContactCard } from '@smartmail/jmap/contacts.ts';
import { patched } from '@smartmail/jmap/patch.ts';
import { expect, test } from 'vitest';
import { digits, doublesAmong, mergedInto, regrouped } from '../src/contacts/doubles.ts';

function card(id: string, name: string, more: Partial<ContactCard> = {}): ContactCard {
  return { id, uid: `uid-${id}`, addressBookIds: { ab1: true }, ...(name ? { name: { full: name } } : {}), ...more };
}
const mail = (...addresses: string[]): Pick<ContactCard, 'emails'> => ({
  emails: Object.fromEntries(addresses.map((address, at) => [`e${at}`, { address }])),
});
const phone = (...numbers: string[]): Pick<ContactCard, 'phones'> => ({
  phones: Object.fromEntries(numbers.map((number, at) => [`p${at}`, { number }])),
});
const idsOf = (cards: ContactCard[]): string[][] =>
  doublesAmong(cards).map((one) => one.cards.map(({ id }) => id).toSorted());

test('one address, however it is written, is one person', () => {
  expect(idsOf([card('a', '김민지', mail('Minji@X.kr')), card('b', '민지', mail('y@x.kr', 'minji@x.kr'))])).toEqual([
    ['a', 'b'],
  ]);
  expect(idsOf([card('a', '김민지', mail('a@x.kr')), card('b', '김민지', mail('b@x.kr'))])).toEqual([]);
});

test('one number is one person only under one name', () => {
  const family = [card('a', '김민지', phone('010-1234-5678')), card('b', '김 민지', phone('+82 10 1234 5678'))];
  expect(idsOf(family)).toEqual([['a', 'b']]);
  expect(idsOf([card('a', '대표전화', phone('02-1')), card('b', '김민지', phone('02-1'))])).toEqual([]);
  expect(idsOf([card('a', '', phone('02-1')), card('b', '', phone('02-1'))])).toEqual([]);
  expect(idsOf([card('a', '김민지'), card('b', '김민지')])).toEqual([]);
  expect([digits('+82 (0)10-1'), digits('0082 10 1'), digits('010.1'), digits('+1 555')]).toEqual([
    '0101', '0101', '0101', '+1555',
  ]); // prettier-ignore
});

test('who is linked by a third is found too, and groups are nobody', () => {
  const cards = [
    card('a', '가', mail('a@x.kr')),
    card('b', '나', mail('b@x.kr')),
    card('c', '다', mail('b@x.kr', 'a@x.kr')),
    card('g', '가', { kind: 'group', ...mail('a@x.kr') }),
  ];
  expect(idsOf(cards)).toEqual([['a', 'b', 'c']]);
  expect(doublesAmong(cards)[0]?.unsure).toBe(true);
});

test('the fullest stays, and nothing that the others say is lost', () => {
  const one = card('a', '김민지', { ...mail('m@x.kr'), created: '2020' });
  const other = card('b', '김민지', {
    addressBookIds: { ab2: true },
    ...mail('M@x.kr', 'second@x.kr'),
    ...phone('010-1'),
    notes: { n1: { note: '단가 협의' } },
    keywords: { vip: true },
    ...({ 'example.com:colour': 'blue' } as object),
  });
  const third = card('c', '김민지', { ...mail('m@x.kr'), notes: { n1: { note: '생일 선물' } }, created: '2010' });
  const [found] = doublesAmong([one, other, third]);
  expect(found?.cards.map(({ id }) => id)).toEqual(['b', 'c', 'a']);
  expect(found?.unsure).toBe(false);
  const [base] = found?.cards ?? [];
  const made = patched(base ?? one, mergedInto(found?.cards ?? []));
  expect(Object.values(made.emails ?? {}).map(({ address }) => address)).toEqual(['M@x.kr', 'second@x.kr']);
  expect(Object.values(made.notes ?? {}).map(({ note }) => note)).toEqual(['단가 협의', '생일 선물']);
  expect(made.addressBookIds).toEqual({ ab1: true, ab2: true });
  expect(made.uid).toBe('uid-b');
  expect(mergedInto([other, one])).toEqual({ addressBookIds: { ab1: true, ab2: true } });
  expect(mergedInto([one, other])).toMatchObject({ 'example.com:colour': 'blue', keywords: { vip: true } });
});

test('another name is kept as one more name', () => {
  const cards = [card('a', '임준호', { ...mail('a@x.kr'), ...phone('1') }), card('b', '대양부품 영업', mail('a@x.kr'))];
  expect(mergedInto(cards)).toEqual({ nicknames: { k1: { name: '대양부품 영업' } } });
  expect(mergedInto([card('c', '', mail('a@x.kr')), ...cards.slice(1)])).toEqual({ name: { full: '대양부품 영업' } });
});

test('groups follow the card that stays', () => {
  const cards = [card('a', '가', { ...mail('a@x.kr'), ...phone('1') }), card('b', '가', mail('a@x.kr'))];
  const group = card('g', '거래처', { kind: 'group', members: { 'uid-b': true, 'uid-z': true } });
  const alone = card('h', '다른 곳', { kind: 'group', members: { 'uid-z': true } });
  const found = regrouped([group, alone], doublesAmong(cards));
  expect(found).toEqual([[group, { members: { 'uid-a': true, 'uid-z': true } }]]);
});
