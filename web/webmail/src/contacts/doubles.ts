/** Cards that seem to be of one person, and one card made of them: nothing that any of them says is lost. Pure. */
import { cardName, type ContactCard } from '@smartmail/jmap/contacts.ts';
import type { PatchObject } from '@smartmail/jmap/methods.ts';
import type { Id } from '@smartmail/jmap/types.ts';

export interface Double {
  /** The one that stays, first. */
  cards: readonly ContactCard[];
  /** They have different names: an address that several people share, perhaps. */
  unsure: boolean;
}

/** Same address; or same name and same number. Groups are no people. */
export function doublesAmong(cards: readonly ContactCard[]): Double[] {
  const people = cards.filter((card) => card.kind !== 'group');
  const leader = new Map<Id, Id>();
  const first = (id: Id): Id => {
    const above = leader.get(id);
    return above === undefined ? id : first(above);
  };
  const seen = new Map<string, Id>();
  for (const card of people)
    for (const key of keysOf(card)) {
      const other = seen.get(key);
      if (other === undefined) seen.set(key, card.id);
      else if (first(other) !== first(card.id)) leader.set(first(card.id), first(other));
    }
  const families = new Map<Id, ContactCard[]>();
  for (const card of people) families.set(first(card.id), [...(families.get(first(card.id)) ?? []), card]);
  return [...families.values()]
    .filter((family) => family.length > 1)
    .map((family) => ({ cards: family.toSorted(fullestFirst), unsure: new Set(family.map(nameOf)).size > 1 }));
}

function keysOf(card: ContactCard): string[] {
  const addresses = Object.values(card.emails ?? {}).map(({ address }) => `@${folded(address)}`);
  const name = nameOf(card);
  const numbers = name === '' ? [] : Object.values(card.phones ?? {}).map(({ number }) => `${name} ${digits(number)}`);
  return [...addresses, ...numbers].filter((key) => !/[@ ]$/.test(key));
}

const folded = (text: string): string => text.normalize('NFKC').trim().toLowerCase();
const nameOf = (card: ContactCard): string =>
  card.name ? folded(cardName({ name: card.name })).replace(/\s+/g, '') : '';

/** +82 10-… and 010-… are one number. */
export function digits(number: string): string {
  return number.replace(/^\s*(?:\+|00)82[\s-]*\(?0?\)?/, '0').replace(/[^\d+]/g, '');
}

const MAPS = [
  'nicknames',
  'organizations',
  'titles',
  'emails',
  'phones',
  'onlineServices',
  'addresses',
  'links',
  'media',
  'anniversaries',
  'notes',
  'keywords',
  'members',
] as const;
const OWN = new Set<string>(['id', 'uid', 'created', 'updated', 'addressBookIds', ...MAPS]);

function fullestFirst(one: ContactCard, other: ContactCard): number {
  return sizeOf(other) - sizeOf(one) || (one.created ?? '').localeCompare(other.created ?? '');
}

function sizeOf(card: ContactCard): number {
  return MAPS.reduce((sum, name) => sum + Object.keys(card[name] ?? {}).length, card.name ? 1 : 0);
}

/** What the first card gets of the others; empty when it has all of it already. */
export function mergedInto([base, ...others]: readonly ContactCard[]): PatchObject {
  if (!base) return {};
  const patch: PatchObject = {};
  const books = Object.assign({}, ...[base, ...others].map((card) => card.addressBookIds)) as object;
  if (Object.keys(books).length > Object.keys(base.addressBookIds).length) patch.addressBookIds = books;
  for (const name of MAPS) {
    const held = base[name] as Record<string, unknown> | undefined;
    const joined = joinedMaps(name, [base, ...others]);
    if (Object.keys(joined).length > Object.keys(held ?? {}).length) patch[name] = joined;
  }
  const called = otherNames(base, others);
  if (called.length > 0) {
    const held = (patch.nicknames ?? base.nicknames ?? {}) as Record<string, unknown>;
    patch.nicknames = called.reduce((sum, name) => ({ ...sum, [freeKey(sum, 'k1')]: { name } }), held);
  }
  // What this program knows nothing of stays too, where the first card does not say it.
  for (const card of others)
    for (const [name, value] of Object.entries(card))
      if (!OWN.has(name) && (base as unknown as Record<string, unknown>)[name] === undefined) patch[name] ??= value;
  return patch;
}

/** What the others are called, when it is another name: it is kept as one more of the first. */
function otherNames(base: ContactCard, others: readonly ContactCard[]): string[] {
  const names = new Map(
    others.filter((card) => card.name).map((card) => [nameOf(card), cardName({ name: card.name ?? {} })]),
  );
  names.delete(nameOf(base));
  return base.name ? [...names.values()] : [...names.values()].slice(1);
}

function joinedMaps(name: (typeof MAPS)[number], cards: readonly ContactCard[]): Record<string, unknown> {
  const joined: Record<string, unknown> = {};
  const seen = new Set<string>();
  for (const card of cards)
    for (const [key, value] of Object.entries(card[name] ?? {})) {
      const same = sameAs(name, key, value);
      if (seen.has(same)) continue;
      seen.add(same);
      joined[freeKey(joined, key)] = value;
    }
  return joined;
}

/** By what two entries are told to be one. */
function sameAs(name: string, key: string, value: unknown): string {
  const one = value as Record<string, string> & { units?: unknown };
  if (name === 'keywords' || name === 'members') return key;
  if (name === 'emails') return folded(one.address ?? '');
  if (name === 'phones') return digits(one.number ?? '');
  if (name === 'notes') return folded(one.note ?? '');
  if (name === 'organizations') return folded(`${one.name ?? ''} ${JSON.stringify(one.units ?? '')}`);
  if (name === 'titles' || name === 'nicknames') return folded(one.name ?? '');
  return JSON.stringify(value);
}

function freeKey(held: Record<string, unknown>, key: string): string {
  let free = key;
  for (let at = 2; free in held; at += 1) free = `${key}-${at}`;
  return free;
}

/** Groups of which a card that goes was a member get the one that stays. */
export function regrouped(groups: readonly ContactCard[], merged: readonly Double[]): [ContactCard, PatchObject][] {
  const stays = new Map(
    merged.flatMap(({ cards: [base, ...others] }) => (base ? others.map((one) => [one.uid, base.uid] as const) : [])),
  );
  return groups
    .filter(({ members = {} }) => Object.keys(members).some((uid) => stays.has(uid)))
    .map((group) => {
      const uids = Object.keys(group.members ?? {}).map((uid) => [stays.get(uid) ?? uid, true] as const);
      return [group, { members: Object.fromEntries(uids) }];
    });
}
