/** A card in its form and back: what the form changes, and nothing else. */
import type { CardName, ContactCard } from '@smartmail/jmap/contacts.ts';
import { patched } from '@smartmail/jmap/patch.ts';
import { expect, test } from 'vitest';
import { changesOf, newCardOf, rowOf, saysNothing, wishOf } from '../src/people/card.ts';
import { readingOf, withReading } from '../src/people/name-reading.ts';
import { scopeOf } from '../src/contacts/scope.ts';

const card: ContactCard = {
  id: 'c1',
  uid: 'urn:uuid:1',
  addressBookIds: { ab1: true },
  name: {
    components: [
      { kind: 'surname', value: '김' },
      { kind: 'given', value: '민지' },
    ],
  },
  nicknames: { k1: { name: '민지' } },
  organizations: { o1: { name: '한빛', units: [{ name: '영업팀' }, { name: '1파트' }] } },
  titles: { t1: { name: '책임', kind: 'title' }, t2: { name: '통역', kind: 'role' } },
  emails: {
    a: { address: 'second@x.kr', contexts: { private: true }, pref: 2 },
    b: { address: 'first@x.kr', contexts: { work: true }, pref: 1, label: '대표' },
  },
  phones: { p: { number: '010-1', features: { mobile: true, voice: true } } },
};

test('a form that nobody changed changes nothing', () => {
  expect(changesOf(card, wishOf(card, 'ab1'))).toEqual({});
  const grouped = { ...card, kind: 'group' as const, members: { 'urn:uuid:2': true as const } };
  expect(changesOf(grouped, wishOf(grouped, 'ab1'))).toEqual({});
});

test('only what was changed is sent, with all that the form does not show', () => {
  const wish = wishOf(card, 'ab1');
  const [second, first] = wish.emails;
  if (!second || !first) throw new Error('two addresses');
  const patch = changesOf(card, {
    ...wish,
    title: '수석',
    emails: [second, { ...first, value: ' new@x.kr ' }, { key: null, value: 'third@x.kr', kind: 'other' }],
  });
  expect(Object.keys(patch).toSorted()).toEqual(['emails', 'titles']);
  expect(patch.titles).toEqual({ t1: { name: '수석', kind: 'title' }, t2: { name: '통역', kind: 'role' } });
  expect(patch.emails).toEqual({
    a: card.emails?.a,
    b: { address: 'new@x.kr', contexts: { work: true }, pref: 1, label: '대표' },
    e1: { address: 'third@x.kr' },
  });
});

test('a kind that was not touched keeps its other features; another kind replaces them', () => {
  const wish = wishOf(card, 'ab1');
  const [phone] = wish.phones;
  if (!phone) throw new Error('one number');
  expect(changesOf(card, { ...wish, phones: [{ ...phone, value: '010-2' }] }).phones).toEqual({
    p: { number: '010-2', features: { mobile: true, voice: true } },
  });
  expect(changesOf(card, { ...wish, phones: [{ ...phone, kind: 'fax' }] }).phones).toEqual({
    p: { number: '010-1', features: { fax: true } },
  });
  const [second, first] = wish.emails;
  if (!second || !first) throw new Error('two addresses');
  expect(changesOf(card, { ...wish, emails: [{ ...second, kind: 'other' }, first] }).emails).toEqual({
    a: { address: 'second@x.kr', pref: 2 },
    b: card.emails?.b,
  });
});

test('what is emptied goes, and comes back from the same form', () => {
  const bare = { ...wishOf(card, 'ab1'), company: '', unit: ' ', emails: [], name: '' };
  const patch = changesOf(card, bare);
  expect(patch).toEqual({ organizations: null, emails: null, name: null });
  const after = patched(card, patch);
  expect(changesOf(after, { ...bare, company: '새 회사' })).toEqual({ organizations: { o1: { name: '새 회사' } } });
});

test('a new card has what was written and its book', () => {
  const wish = {
    ...wishOf({}, 'ab2'),
    name: ' 서지훈 ',
    emails: [{ key: null, value: 'a@b.kr', kind: 'work' as const }],
  };
  expect(newCardOf(wish)).toEqual({
    kind: 'individual',
    name: { full: '서지훈' },
    emails: { e1: { address: 'a@b.kr', contexts: { work: true } } },
    addressBookIds: { ab2: true },
  });
  expect(saysNothing(wish)).toBe(false);
  expect(saysNothing(wishOf({}, 'ab2'))).toBe(true);
});

test('a row shows the name as it is written together, the preferred address and the first number', () => {
  expect(rowOf(card)).toMatchObject({
    name: '김민지',
    email: 'first@x.kr',
    phone: '010-1',
    place: '한빛 영업팀',
    many: false,
  });
});

test('the address of the page names a book or a group', () => {
  expect([scopeOf(undefined), scopeOf('all'), scopeOf('book-ab-1'), scopeOf('group-x')]).toEqual([
    {},
    {},
    { book: 'ab-1' },
    { group: 'x' },
  ]);
});

test('a reading goes to the parts that it is of', () => {
  const tanaka = {
    components: [
      { kind: 'surname', value: '田中' },
      { kind: 'given', value: '一郎' },
    ],
  } as CardName;
  const read = withReading(tanaka, ' たなか　いちろう ');
  expect(read.components?.map(({ phonetic }) => phonetic)).toEqual(['たなか', 'いちろう']);
  expect(readingOf(read)).toBe('たなか いちろう');
  expect(withReading(read, '')).toEqual(tanaka);
  // Nobody said where the surname of a whole name ends.
  const whole = withReading({ full: '佐藤 花子' }, 'さとう はなこ');
  expect(whole).toEqual({
    full: '佐藤 花子',
    components: [{ kind: 'surname', value: '佐藤 花子', phonetic: 'さとう はなこ' }],
  });
  expect(readingOf(whole)).toBe('さとう はなこ');
  expect(readingOf({ full: '阿部', sortAs: { surname: 'あべ' } })).toBe('あべ');
});

test('a form changes how a name is read, and a new name keeps the reading that stands beside it', () => {
  const wish = { ...wishOf(card, 'ab1'), reading: 'きむ みんじ' };
  const { name } = changesOf(card, wish) as { name: CardName };
  expect(readingOf(name)).toBe('きむ みんじ');
  expect(changesOf({ ...card, name }, wishOf({ ...card, name }, 'ab1'))).toEqual({});
  const renamed = changesOf({ ...card, name }, { ...wish, name: '金旻志' }) as { name: CardName };
  expect([renamed.name.full, readingOf(renamed.name)]).toEqual(['金旻志', 'きむ みんじ']);
});
