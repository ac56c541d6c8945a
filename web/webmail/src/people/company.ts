/** The company's tree and its people, as the server tells them. Knows nothing of screens. */
import type { GetResult } from '@smartmail/jmap/methods.ts';
import type { Id } from '@smartmail/jmap/types.ts';
import { connection } from '../app/connection.svelte.ts';
import { t } from '../app/language.svelte.ts';
import { byName, nameCollation } from './by-name.ts';
import type { Fetch, Page } from './roster.svelte.ts';
import type { Absence } from './book.svelte.ts';
import type { PersonRow } from './person-row.ts';

export interface Department {
  id: Id;
  parentId: Id | null;
  name: string;
  depth: number;
  /** In it and in those below it. */
  people: number;
}

export interface Chart {
  /** The company itself stands above its departments. */
  departments: readonly Department[];
  /** Where the person sits: the primary seat first. */
  own: readonly Id[];
}

/** The company itself, in place of a department. */
export const ALL = 'all';

/** Somebody, or something with an address, of the company. */
export interface Colleague {
  id: Id;
  name: string;
  email: string | null;
  department: string | null;
  title: string | null;
  absence?: Absence | null;
  phone?: string | null;
  /** Where a photograph lies. */
  photo?: string | null;
}

const PROPERTIES = ['id', 'type', 'name', 'email', 'department', 'title', 'absence', 'photo'];

export async function chart(): Promise<Chart> {
  const { account } = connection;
  if (!account) return { departments: [], own: [] };
  type Answer = { company: string; own: Id[]; list: Department[] };
  const { tree, everybody } = account.pipeline.group(() => ({
    tree: account.pipeline.send<Answer>('Department/query', { collation: nameCollation() }),
    everybody: account.pipeline.send<{ total?: number }>('Principal/query', {
      filter: { type: 'individual' },
      limit: 1,
      calculateTotal: true,
    }),
  }));
  const [{ company, own, list }, { total = 0 }] = await Promise.all([tree.result, everybody.result]);
  const top = { id: ALL, parentId: null, name: company || t('directory.company'), depth: 0, people: total };
  const below = list.map((one) => ({ ...one, parentId: one.parentId ?? ALL, depth: one.depth + 1 }));
  return { departments: [top, ...below], own };
}

/** Who is in a department; with who is away, asked in the same request. */
function peopleOf(id: Id, below: boolean): Fetch<Colleague> {
  return async (position, limit) => {
    const { account } = connection;
    if (!account) return { total: 0, list: [] };
    const { pipeline } = account;
    const ask = { id, below, position, limit, collation: nameCollation() };
    const { people, get } = pipeline.group(() => {
      const people = pipeline.send<Page<Colleague>>('Department/people', ask);
      const get = pipeline.send<GetResult<Colleague>>('Principal/get', {
        '#ids': people.ref('/list/*/id'),
        properties: PROPERTIES,
      });
      return { people, get };
    });
    const [{ total, list }, { list: told }] = await Promise.all([people.result, get.result]);
    const known = new Map(told.map((one) => [one.id, one]));
    return { total, list: list.map((one) => ({ ...one, ...known.get(one.id) })) };
  };
}

/** Whom the directory finds by name, first sounds, department, title or address. */
export const peopleNamed = (text: string): Fetch<Colleague> => principals({ text });

/** Whoever sits in a department, or in the company. */
export const peopleIn = (id: Id, below: boolean): Fetch<Colleague> => (id === ALL ? everybody() : peopleOf(id, below));

/** All people, in the order of their names. */
const everybody = (): Fetch<Colleague> => principals({ type: 'individual' }, byName());

function principals(filter: object, sort?: object[]): Fetch<Colleague> {
  return async (position, limit) => {
    const { account } = connection;
    if (!account) return { total: 0, list: [] };
    const { pipeline } = account;
    const { query, get } = pipeline.group(() => {
      const ask = { filter, position, limit, calculateTotal: true, ...(sort ? { sort } : {}) };
      const query = pipeline.send<{ ids: Id[]; total?: number }>('Principal/query', ask);
      const ids = query.ref('/ids');
      return {
        query,
        get: pipeline.send<GetResult<Colleague>>('Principal/get', { '#ids': ids, properties: PROPERTIES }),
      };
    });
    const [{ ids, total }, { list }] = await Promise.all([query.result, get.result]);
    const known = new Map(list.map((one) => [one.id, one]));
    return {
      total: total ?? position + ids.length,
      list: ids.map((id) => known.get(id)).filter((one) => one !== undefined),
    };
  };
}

export async function colleague(id: Id): Promise<Colleague | undefined> {
  const answer = connection.account?.pipeline.send<GetResult<Colleague>>('Principal/get', {
    ids: [id],
    properties: PROPERTIES,
  });
  return (await answer?.result)?.list[0];
}

export function rowOfColleague(one: Colleague): PersonRow {
  const { id, name, email, department, title, absence = null, phone, photo } = one;
  const texts = { email: email ?? '', place: department ?? '', title: title ?? '', phone: phone ?? '' };
  return { id, name, ...texts, absence, photo };
}
