/** The company's tree and its people, as the server tells them. Knows nothing of screens. */
import type { GetResult } from '@smartmail/jmap/methods.ts';
import type { Id } from '@smartmail/jmap/types.ts';
import { connection } from '../app/connection.svelte.ts';
import { byName, nameCollation } from '../people/by-name.ts';
import type { Fetch, Page } from '../people/roster.svelte.ts';
import type { Absence } from '../people/book.svelte.ts';

export interface Department {
  id: Id;
  parentId: Id | null;
  name: string;
  depth: number;
}

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

export async function departments(): Promise<Department[]> {
  const answer = connection.account?.pipeline.send<{ list: Department[] }>('Department/query', {});
  return (await answer?.result)?.list ?? [];
}

/** Who is in a department; with who is away, asked in the same request. */
export function peopleOf(id: Id, below: boolean): Fetch<Colleague> {
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

/** All people, in the order of their names. */
export const everybody = (): Fetch<Colleague> => principals({ type: 'individual' }, byName());

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
