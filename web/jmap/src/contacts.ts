/**
 * Contacts of an account (RFC 9610, RFC 9553) with the properties that the apps show, and the calls for them. Address
 * books are few: `account.records<AddressBook>('AddressBook')`. Cards may be thousands: they are asked for in windows.
 */
import type { RecordAct } from './records.ts';
import { MethodFailure } from './errors.ts';
import type { GetResult, PatchObject, QueryResult, SetError, SetResult } from './methods.ts';
import { inversePatch } from './patch.ts';
import type { Pipeline } from './pipeline.ts';
import { CAPABILITY, type EmailAddress, type Id, type Session, type UtcDate } from './types.ts';

export interface AddressBookRights {
  mayRead: boolean;
  mayWrite: boolean;
  mayShare: boolean;
  mayDelete: boolean;
}

export interface AddressBook {
  id: Id;
  name: string;
  description: string | null;
  sortOrder: number;
  isDefault: boolean;
  isSubscribed: boolean;
  /** Null: nobody. This server does not share single address books. */
  shareWith: Record<Id, AddressBookRights> | null;
  myRights: AddressBookRights;
}

export interface NameComponent {
  kind: 'title' | 'given' | 'given2' | 'surname' | 'surname2' | 'credential' | 'generation' | 'separator';
  value: string;
  /** How it is read: かな beside 漢字. */
  phonetic?: string;
}

export interface CardName {
  components?: NameComponent[];
  isOrdered?: boolean;
  full?: string;
  sortAs?: Partial<Record<NameComponent['kind'], string>>;
}

/** `contexts`: work, private; `features` of a telephone: mobile, voice, fax, main-number …; `pref`: 1 is the first. */
interface Qualified {
  contexts?: Record<string, true>;
  pref?: number;
  label?: string;
}

export interface CardEmail extends Qualified {
  address: string;
}

export interface CardPhone extends Qualified {
  number: string;
  features?: Record<string, true>;
}

export interface CardOrganization {
  name?: string;
  units?: { name: string }[];
}

export interface CardAddress extends Qualified {
  full?: string;
  components?: { kind: string; value: string }[];
  countryCode?: string;
}

export interface CardMedia extends Qualified {
  kind: 'photo' | 'logo' | 'sound';
  /** A `data:` URL: at most what `maxSizeContactCard` leaves. */
  uri?: string;
  /** When a card is made or changed: a picture that was uploaded; it comes back as `uri`. */
  blobId?: Id;
  mediaType?: string;
}

/** `kind` group: `members` are the uids of cards (or `mailto:` addresses). */
export interface ContactCard {
  id: Id;
  addressBookIds: Record<Id, true>;
  '@type'?: 'Card';
  version?: '1.0';
  uid: string;
  kind?: 'individual' | 'group' | 'org' | 'location' | 'device' | 'application';
  created?: UtcDate;
  updated?: UtcDate;
  name?: CardName;
  nicknames?: Record<Id, { name: string }>;
  organizations?: Record<Id, CardOrganization>;
  titles?: Record<Id, { name: string; kind?: 'title' | 'role' }>;
  emails?: Record<Id, CardEmail>;
  phones?: Record<Id, CardPhone>;
  onlineServices?: Record<Id, Qualified & { service?: string; user?: string; uri?: string }>;
  addresses?: Record<Id, CardAddress>;
  links?: Record<Id, Qualified & { uri: string }>;
  media?: Record<Id, CardMedia>;
  anniversaries?: Record<Id, { kind: 'birth' | 'wedding' | 'death'; date: Record<string, unknown> }>;
  notes?: Record<Id, { note: string }>;
  keywords?: Record<string, true>;
  members?: Record<string, true>;
}

/** What a new card says; the server adds id, uid and the times. Without `addressBookIds` it goes to the default book. */
export type NewCard = Partial<Omit<ContactCard, 'id'>>;

/** All of them must hold. `text` looks everywhere and takes first sounds (초성); so do `name` and its parts. */
export interface CardFilter {
  inAddressBook?: Id;
  uid?: string;
  hasMember?: string;
  kind?: string;
  text?: string;
  name?: string;
  organization?: string;
  email?: string;
  phone?: string;
  note?: string;
  createdAfter?: UtcDate;
  updatedAfter?: UtcDate;
}

/** `name` is ours: as names are shown. */
export interface CardSort {
  property: 'name' | 'name/given' | 'name/surname' | 'name/surname2' | 'created' | 'updated';
  isAscending?: boolean;
  /** Whose readers the order is for: `collationOf`. */
  collation?: string;
}

/** At least one of them holds: the members of a group by their uids. The server reads up to 256 conditions. */
export interface AnyOfCards {
  operator: 'OR';
  conditions: CardFilter[];
}

export interface CardWindow {
  filter?: CardFilter | AnyOfCards | null;
  sort?: CardSort[];
  position?: number;
  limit?: number;
  /** Enough for a list: `CARD_ROW_PROPERTIES`. All without. */
  properties?: readonly string[];
}

export const CARD_ROW_PROPERTIES = [
  'id',
  'addressBookIds',
  'uid',
  'kind',
  'name',
  'organizations',
  'titles',
  'emails',
  'phones',
  'members',
] as const;

export interface Cards {
  list: ContactCard[];
  position: number;
  total: number;
  queryState: string;
}

export type ImportOutcome = 'created' | 'duplicate' | 'failed';

/** One person of a file; `line` is where they begin, from 1. With `dryRun` "created" is what would be. */
export interface ImportEntry {
  index: number;
  line: number;
  name: string;
  emails: string[];
  outcome: ImportOutcome;
  /** The new card, or the one that is there already. */
  id: Id | null;
  /** In the reader's language. */
  error: string | null;
}

export interface ImportResult {
  dryRun: boolean;
  format: 'vcard' | 'csv';
  charset: string;
  total: number;
  created: number;
  duplicates: number;
  failed: number;
  entries: ImportEntry[];
}

export interface ImportOptions {
  /** Without: seen from the octets. */
  format?: 'vcard' | 'csv';
  addressBookId?: Id | null;
  /** What is there already (same uid, or same name and address) is left out, or made once more. */
  onDuplicate?: 'skip' | 'add';
  dryRun: boolean;
}

export type ExportFormat = 'vcard3' | 'vcard4' | 'csv';

/** A file that lies ready: `backend.downloadUrl(session, accountId, blobId, name)`. */
export interface ExportResult {
  blobId: Id;
  type: string;
  size: number;
  name: string;
  count: number;
}

/** Does the account have contacts (policy may say no)? */
export function contactsOffered(session: Session, accountId: Id): boolean {
  return CAPABILITY.contacts in (session.accounts[accountId]?.accountCapabilities ?? {});
}

/** The name as it is shown, as the server makes it; a company, an address or a number for who has none. */
export function cardName(card: Pick<ContactCard, 'name' | 'emails' | 'phones' | 'organizations'>): string {
  const { full, components = [], isOrdered = false } = card.name ?? {};
  if (full) return full;
  const first = <T>(map: Record<Id, T> | undefined): T | undefined => Object.values(map ?? {})[0];
  return (
    joined(components, isOrdered) ||
    first(card.organizations)?.name ||
    first(card.emails)?.address ||
    first(card.phones)?.number ||
    ''
  );
}

type PartKind = NameComponent['kind'];
const FAMILY_FIRST: readonly PartKind[] = [
  'surname',
  'surname2',
  'given',
  'given2',
  'title',
  'generation',
  'credential',
];
const GIVEN_FIRST: readonly PartKind[] = [
  'title',
  'given',
  'given2',
  'surname',
  'surname2',
  'generation',
  'credential',
];
const CORE: readonly PartKind[] = ['surname', 'surname2', 'given', 'given2'];
const EASTERN = /^[\p{sc=Hangul}\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}ー\s]+$/u;

/** 김 + 민지 are written together, Emily + Carter are not. */
function joined(components: readonly NameComponent[], isOrdered: boolean): string {
  const parts = components.filter(({ kind, value }) => kind !== 'separator' && value.trim() !== '');
  const core = parts.filter(({ kind }) => CORE.includes(kind));
  const together = core.length > 0 && core.every(({ value }) => EASTERN.test(value));
  const order = together ? FAMILY_FIRST : GIVEN_FIRST;
  if (!isOrdered) parts.sort((one, other) => order.indexOf(one.kind) - order.indexOf(other.kind));
  const words = (kept: (kind: PartKind) => boolean): string[] =>
    parts.filter(({ kind }) => kept(kind)).map(({ value }) => value.trim());
  if (!together) return words(() => true).join(' ');
  const name = words((kind) => CORE.includes(kind)).join('');
  return [name, ...words((kind) => !CORE.includes(kind))].join(' ');
}

/** Whom one may write to, the preferred address first. */
export function cardAddresses(card: Pick<ContactCard, 'name' | 'emails' | 'phones' | 'organizations'>): EmailAddress[] {
  const emails = Object.values(card.emails ?? {}).sort((one, other) => (one.pref ?? 101) - (other.pref ?? 101));
  const name = cardName(card);
  return emails.map(({ address }) => ({ name: name === address ? null : name, email: address }));
}

/** A window of cards, with what is shown of them, in one request. */
export async function findCards(pipeline: Pipeline, wish: CardWindow): Promise<Cards> {
  const { filter = null, sort = [{ property: 'name' }], position = 0, limit = 100, properties } = wish;
  const [found, { list }] = await Promise.all(
    pipeline.group(() => {
      const args = { filter, sort, position, limit, calculateTotal: true };
      const query = pipeline.send<QueryResult>('ContactCard/query', args);
      const get = pipeline.send<GetResult<ContactCard>>('ContactCard/get', {
        '#ids': query.ref('/ids'),
        ...(properties ? { properties } : {}),
      });
      return [query.result, get.result] as const;
    }),
  );
  const at = new Map(found.ids.map((id, index) => [id, index]));
  list.sort((one, other) => (at.get(one.id) ?? 0) - (at.get(other.id) ?? 0));
  return { list, position: found.position, total: found.total ?? list.length, queryState: found.queryState };
}

export async function getCards(pipeline: Pipeline, ids: readonly Id[]): Promise<ContactCard[]> {
  return (await pipeline.send<GetResult<ContactCard>>('ContactCard/get', { ids }).result).list;
}

/** The new card as the server keeps it. */
export async function createCard(pipeline: Pipeline, card: NewCard): Promise<ContactCard> {
  const result = await setCards(pipeline, { create: { new: card } });
  const made = result.created?.new;
  if (!made) throw refusal(result.notCreated?.new);
  return { ...card, ...made } as ContactCard;
}

/** `before` is the card as it was: for undo. Paths as in `emails/e1/address`; a whole property is safest. */
export function updateCard(pipeline: Pipeline, before: ContactCard, patch: PatchObject): RecordAct {
  const done = setCards(pipeline, { update: { [before.id]: patch } }).then((result) => {
    const refused = result.notUpdated?.[before.id];
    if (refused) throw refusal(refused);
  });
  return { done, undo: () => updateCard(pipeline, before, inversePatch(before, patch)) };
}

/** Undo makes them anew: they have other ids then, and the same uids, so that groups still know them. */
export function destroyCards(pipeline: Pipeline, cards: readonly ContactCard[]): RecordAct<void> {
  const done = setCards(pipeline, { destroy: cards.map(({ id }) => id) }).then((result) => {
    const refused = Object.values(result.notDestroyed ?? {}).find(({ type }) => type !== 'notFound');
    if (refused) throw refusal(refused);
  });
  const undo = (): RecordAct<unknown> => {
    const again = Promise.all(cards.map((card) => createCard(pipeline, withoutId(card))));
    return { done: again, undo: () => ({ done: again.then((made) => destroyCards(pipeline, made).done), undo }) };
  };
  return { done, undo };
}

/** Makes another book the one that new cards go to. */
export async function setDefaultBook(pipeline: Pipeline, id: Id): Promise<void> {
  await pipeline.send('AddressBook/set', { onSuccessSetIsDefault: id }).result;
}

/** Removes a book with the cards that are in no other. */
export async function destroyBook(pipeline: Pipeline, id: Id): Promise<void> {
  const args = { destroy: [id], onDestroyRemoveContents: true };
  const result = await pipeline.send<SetResult>('AddressBook/set', args).result;
  const refused = result.notDestroyed?.[id];
  if (refused) throw refusal(refused);
}

/** `blobId`: the file as it was uploaded (`backend.upload`). */
export function importCards(pipeline: Pipeline, blobId: Id, options: ImportOptions): Promise<ImportResult> {
  return pipeline.send<ImportResult>('ContactCard/import', { blobId, ...options }).result;
}

/** `ids` null: all of the book, or of all books. */
export function exportCards(
  pipeline: Pipeline,
  wish: { ids?: readonly Id[] | null; addressBookId?: Id | null; format: ExportFormat },
): Promise<ExportResult> {
  return pipeline.send<ExportResult>('ContactCard/export', wish).result;
}

function setCards(pipeline: Pipeline, args: object): Promise<SetResult> {
  return pipeline.send<SetResult>('ContactCard/set', args).result;
}

function withoutId(card: ContactCard): NewCard {
  return Object.fromEntries(Object.entries(card).filter(([name]) => name !== 'id'));
}

function refusal(error: SetError | undefined): MethodFailure {
  return new MethodFailure(error?.type ?? 'serverFail', error?.description ?? '');
}
