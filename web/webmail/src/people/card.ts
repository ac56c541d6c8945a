/** A card as its form shows it, and what a form changes of it: what the form does not show stays as it is. Pure. */
import { type CardName, cardName, type ContactCard, type NewCard } from '@smartmail/jmap/contacts.ts';
import type { PatchObject } from '@smartmail/jmap/methods.ts';
import type { Id } from '@smartmail/jmap/types.ts';
import type { PersonRow } from './person-row.ts';
import { readingOf, withReading } from './name-reading.ts';

export const EMAIL_KINDS = ['work', 'private', 'other'] as const;
export const PHONE_KINDS = ['mobile', 'work', 'private', 'fax', 'other'] as const;
export type EmailKind = (typeof EMAIL_KINDS)[number];
export type PhoneKind = (typeof PHONE_KINDS)[number];

/** One of several addresses or numbers; `key` is its name on the card, null for a new one. */
export interface Line<K extends string> {
  key: Id | null;
  value: string;
  kind: K;
}

export interface CardWish {
  name: string;
  /** How the name is read, the surname first. */
  reading: string;
  company: string;
  unit: string;
  title: string;
  emails: Line<EmailKind>[];
  phones: Line<PhoneKind>[];
  address: string;
  note: string;
  bookId: Id;
}

type Held = Record<string, unknown>;
type Marks = Record<string, true>;

export function wishOf(card: NewCard, bookId: Id): CardWish {
  const organization = first(card.organizations);
  return {
    name: card.name ? cardName({ name: card.name }) : '',
    reading: readingOf(card.name),
    company: organization?.name ?? '',
    unit: organization?.units?.[0]?.name ?? '',
    title: first(card.titles)?.name ?? '',
    emails: lines(card.emails, (one) => one.address, emailKind),
    phones: lines(card.phones, (one) => one.number, phoneKind),
    address: first(card.addresses)?.full ?? '',
    note: first(card.notes)?.note ?? '',
    bookId: Object.keys(card.addressBookIds ?? {})[0] ?? bookId,
  };
}

export function emailKind(one: { contexts?: Marks }): EmailKind {
  return one.contexts?.work ? 'work' : one.contexts?.private ? 'private' : 'other';
}

export function phoneKind(one: { contexts?: Marks; features?: Marks }): PhoneKind {
  if (one.features?.fax) return 'fax';
  if (one.features?.mobile) return 'mobile';
  return emailKind(one);
}

/** Is there anything by which the card could be found again? */
export function saysNothing(wish: CardWish): boolean {
  const lines = [...wish.emails, ...wish.phones].map(({ value }) => value);
  return [wish.name, wish.company, ...lines].every((text) => text.trim() === '');
}

/** The properties that a form has changed, each whole; null takes one away. */
export function changesOf(card: NewCard, wish: CardWish): PatchObject {
  const before = wishOf(card, wish.bookId);
  const patch: PatchObject = {};
  if (wish.name.trim() !== before.name || wish.reading.trim() !== before.reading)
    patch.name = nameOf(card, wish, before.name);
  if (wish.company !== before.company || wish.unit !== before.unit)
    patch.organizations = one(card.organizations, 'o1', organizationOf(wish));
  if (wish.title !== before.title) patch.titles = one(card.titles, 't1', texts({ name: wish.title }));
  if (wish.address !== before.address) patch.addresses = one(card.addresses, 'a1', texts({ full: wish.address }));
  if (wish.note !== before.note) patch.notes = one(card.notes, 'n1', texts({ note: wish.note }));
  if (differs(wish.emails, before.emails)) patch.emails = emailsOf(card, wish.emails);
  if (differs(wish.phones, before.phones)) patch.phones = phonesOf(card, wish.phones);
  if (wish.bookId !== before.bookId) patch.addressBookIds = { [wish.bookId]: true };
  return patch;
}

function nameOf(card: NewCard, wish: CardWish, before: string): CardName | null {
  const name = wish.name.trim();
  if (name === '') return null;
  return withReading(name === before && card.name ? card.name : { full: name }, wish.reading);
}

export function newCardOf(wish: CardWish): NewCard {
  const empty: NewCard = { kind: 'individual' };
  const said = Object.entries(changesOf(empty, wish)).filter(([, value]) => value !== null);
  return { ...empty, ...Object.fromEntries(said), addressBookIds: { [wish.bookId]: true } };
}

export function rowOf(card: ContactCard): PersonRow {
  const emails = Object.values(card.emails ?? {}).sort((one, other) => (one.pref ?? 101) - (other.pref ?? 101));
  const organization = first(card.organizations);
  return {
    id: card.id,
    name: cardName(card),
    title: first(card.titles)?.name ?? '',
    email: emails[0]?.address ?? '',
    place: [organization?.name, organization?.units?.[0]?.name].filter(Boolean).join(' '),
    phone: first(card.phones)?.number ?? '',
    many: card.kind === 'group',
  };
}

function lines<T, K extends string>(
  map: Record<Id, T> | undefined,
  value: (one: T) => string,
  kind: (one: T) => K,
): Line<K>[] {
  return Object.entries(map ?? {}).map(([key, one]) => ({ key, value: value(one), kind: kind(one) }));
}

function first<T>(map: Record<Id, T> | undefined): T | undefined {
  return Object.values(map ?? {})[0];
}

function differs(now: Line<string>[], before: Line<string>[]): boolean {
  const said = (list: Line<string>[]): string => JSON.stringify(list.filter(({ value }) => value.trim() !== ''));
  return said(now) !== said(before);
}

/** The first entry of a map is changed, the others are left; without words it goes. */
function one(map: object | undefined, key: Id, entry: Held | null): object | null {
  const [held = key] = Object.keys(map ?? {});
  const others = Object.entries(map ?? {}).filter(([name]) => name !== held);
  const before = (map as Record<Id, Held> | undefined)?.[held];
  const all = entry === null ? others : [[held, { ...before, ...entry }] as const, ...others];
  return all.length === 0 ? null : Object.fromEntries(all);
}

function texts(entry: Record<string, string>): Held | null {
  const said = Object.entries(entry).map(([name, text]) => [name, text.trim()] as const);
  return said.every(([, text]) => text === '') ? null : Object.fromEntries(said);
}

function organizationOf({ company, unit }: CardWish): Held | null {
  const name = company.trim();
  const units = unit.trim() === '' ? [] : [{ name: unit.trim() }];
  if (name === '' && units.length === 0) return null;
  return { ...(name === '' ? {} : { name }), ...(units.length === 0 ? {} : { units }) };
}

function emailsOf(card: NewCard, wish: Line<EmailKind>[]): object | null {
  return keyed(card.emails as Record<Id, Held> | undefined, wish, 'e', (line, before) => {
    const { contexts, ...rest } = before;
    return { ...rest, address: line.value.trim(), ...contextsOf(line.kind, contexts as Marks | undefined) };
  });
}

function phonesOf(card: NewCard, wish: Line<PhoneKind>[]): object | null {
  return keyed(card.phones as Record<Id, Held> | undefined, wish, 'p', (line, before) => {
    const { features, contexts, ...rest } = before as { features?: Marks; contexts?: Marks };
    const same = line.kind === phoneKind(before);
    const own = line.kind === 'mobile' || line.kind === 'fax' ? { [line.kind]: true } : undefined;
    const kept = same ? features : own;
    return {
      ...rest,
      number: line.value.trim(),
      ...(kept ? { features: kept } : {}),
      ...(own ? (contexts ? { contexts } : {}) : contextsOf(line.kind, contexts)),
    };
  });
}

/** A kind that nobody changed keeps whatever else the card says of it. */
function contextsOf(kind: PhoneKind, held: Marks | undefined): { contexts?: Marks } {
  if (kind === emailKind(held ? { contexts: held } : {})) return held ? { contexts: held } : {};
  return kind === 'other' ? {} : { contexts: { [kind]: true } };
}

function keyed<K extends string>(
  map: Record<Id, Held> | undefined,
  wish: Line<K>[],
  letter: string,
  make: (line: Line<K>, before: Held) => Held,
): object | null {
  const taken = new Set(Object.keys(map ?? {}));
  let last = 0;
  const free = (): Id => {
    do last += 1;
    while (taken.has(`${letter}${last}`));
    return `${letter}${last}`;
  };
  const said = wish.filter(({ value }) => value.trim() !== '');
  const all = said.map((line) => [line.key ?? free(), make(line, (line.key && map?.[line.key]) || {})] as const);
  return all.length === 0 ? null : Object.fromEntries(all);
}
