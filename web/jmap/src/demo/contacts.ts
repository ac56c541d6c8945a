/** Contacts of the demo client: two address books, a group, and what the server answers beyond get and set. */
import type { AddressBook, AnyOfCards, CardFilter, CardSort, ContactCard, ImportEntry } from '../contacts.ts';
import { cardName } from '../contacts.ts';
import type { Id } from '../types.ts';
import { PEOPLE } from './people.ts';

type Json = Record<string, unknown>;
type Held = Json & { id: Id };

const RIGHTS = { mayRead: true, mayWrite: true, mayShare: false, mayDelete: true };
const LEADING = 'ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ';
const OUTSIDE = PEOPLE.filter(({ email }) => !email.endsWith('@hanbit-tech.example'));
const COMPANIES: Record<string, string> = {
  'daeyang-parts.example': '대양부품',
  'sakura-works.example': 'サクラ製作所',
  'yuanda.example': '远大科技',
  'formosa-opt.example': '福爾摩沙光電',
  'northwind.example': 'Northwind',
};

export function seedBooks(): Held[] {
  const book = (id: Id, name: string, isDefault: boolean): AddressBook => ({
    id,
    name,
    description: null,
    sortOrder: 0,
    isDefault,
    isSubscribed: true,
    shareWith: null,
    myRights: { ...RIGHTS, mayDelete: !isDefault },
  });
  return [book('ab1', '내 주소록', true), book('ab2', '거래처', false)] as unknown as Held[];
}

export function seedCards(): Held[] {
  const cards = OUTSIDE.map(({ name, email }, at): ContactCard => {
    const [shown = '', title = ''] = /^[가-힣]+ [가-힣]+$/.test(name ?? '') ? (name ?? '').split(' ') : [name ?? ''];
    const company = COMPANIES[email.split('@')[1] ?? ''];
    return {
      id: `cc${at}`,
      uid: `urn:uuid:demo-${at}`,
      kind: 'individual',
      addressBookIds: { [at % 3 === 0 ? 'ab1' : 'ab2']: true },
      name: { full: shown },
      ...(company ? { organizations: { o1: { name: company } } } : {}),
      ...(title ? { titles: { t1: { name: title, kind: 'title' } } } : {}),
      emails: { e1: { address: email, contexts: { work: true }, pref: 1 } },
      phones: { p1: { number: `010-5555-0${100 + at}`, features: { mobile: true } } },
      ...(at === 0 ? { notes: { n1: { note: '분기마다 단가 협의' } } } : {}),
      created: '2026-03-02T01:00:00Z',
      updated: '2026-09-14T01:00:00Z',
    };
  });
  const members = Object.fromEntries(cards.slice(0, 3).map(({ uid }) => [uid, true as const]));
  const group: ContactCard = {
    id: 'ccg',
    uid: 'urn:uuid:demo-group',
    kind: 'group',
    addressBookIds: { ab2: true },
    name: { full: '단가 협의' },
    members,
  };
  return [...cards, group] as unknown as Held[];
}

/** What the server adds to a new book or card that does not say it. */
export function addedTo(type: string, id: Id): Json {
  if (type === 'AddressBook') return { isDefault: false, sortOrder: 0, myRights: RIGHTS };
  return type === 'ContactCard' ? { uid: `urn:uuid:${id}`, addressBookIds: { ab1: true } } : {};
}

/** ContactCard/query, import, export over the cards that are held; null for any other method. */
export function contacts(name: string, args: Json, cards: ContactCard[]): Json | null {
  if (name === 'ContactCard/query') {
    const filter = (args.filter ?? {}) as CardFilter | AnyOfCards;
    const any = 'operator' in filter ? filter.conditions : [filter];
    const found = cards.filter((card) => any.some((one) => matches(card, one)));
    const [sort] = (args.sort ?? []) as CardSort[];
    const language = sort?.collation?.split(';')[0] ?? 'ko';
    found.sort((one, other) => cardName(one).localeCompare(cardName(other), language));
    const position = (args.position as number | undefined) ?? 0;
    const ids = found.slice(position, position + ((args.limit as number | undefined) ?? 500)).map(({ id }) => id);
    return { queryState: 'c', canCalculateChanges: false, position, ids, total: found.length };
  }
  if (name === 'ContactCard/import') return imported(args.dryRun === true);
  if (name === 'ContactCard/export') {
    const csv = args.format === 'csv';
    const file = csv ? { name: 'contacts.csv', type: 'text/csv' } : { name: 'contacts.vcf', type: 'text/vcard' };
    return { blobId: 'contacts', size: 4096, count: cards.length, ...file };
  }
  return null;
}

function matches(card: ContactCard, { inAddressBook, kind, uid, hasMember, ...words }: CardFilter): boolean {
  if (inAddressBook !== undefined && !card.addressBookIds[inAddressBook]) return false;
  if (kind !== undefined && (card.kind ?? 'individual') !== kind) return false;
  if (uid !== undefined && card.uid !== uid) return false;
  if (hasMember !== undefined && !card.members?.[hasMember]) return false;
  const text = (words.text ?? words.name ?? words.email ?? '').toLowerCase();
  const shown = cardName(card);
  const emails = Object.values(card.emails ?? {}).map(({ address }) => address);
  const company = Object.values(card.organizations ?? {}).map((one) => one.name ?? '');
  return [shown, sounds(shown), ...emails, ...company].some((one) => one.toLowerCase().includes(text));
}

function sounds(text: string): string {
  return [...text].map((char) => LEADING[Math.floor((char.charCodeAt(0) - 0xac00) / 588)] ?? char).join('');
}

/** Whatever the file holds: three people, of whom one is there already and one cannot be read. */
function imported(dryRun: boolean): Json {
  const entry = (index: number, name: string, emails: string[], rest: Partial<ImportEntry>): ImportEntry => ({
    index,
    line: 1 + index * 8,
    name,
    emails,
    outcome: 'created',
    id: null,
    error: null,
    ...rest,
  });
  const entries = [
    entry(0, '서지훈', ['jihoon.seo@partner.example'], {}),
    entry(1, '임준호', ['junho.lim@daeyang-parts.example'], { outcome: 'duplicate', id: 'cc0' }),
    entry(2, '', [], { outcome: 'failed', error: '이름도 주소도 없습니다.' }),
  ];
  return { dryRun, format: 'vcard', charset: 'utf-8', total: 3, created: 1, duplicates: 1, failed: 1, entries };
}
