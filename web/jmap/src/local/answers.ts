/** Answers to JMAP calls out of what is kept on the device; null for what only the server can do. Pure. */
import type { EmailFilter, GetResult } from '../methods.ts';
import type { Email, Id, Mailbox } from '../types.ts';
import { inOrder, type Sort } from '../orders.ts';
import { matches, ordered } from './finding.ts';
import type { KeptBody } from './mail.ts';

type Json = Record<string, unknown>;

export interface Kept {
  mailboxes: Mailbox[];
  mailboxState: string | null;
  emailState: string | null;
  whole: Record<string, GetResult<{ id: Id }>>;
  rows: ReadonlyMap<Id, Email>;
  bodies: ReadonlyMap<Id, KeptBody>;
}

export function answered(name: string, args: Json, kept: Kept): Json | null {
  switch (name) {
    case 'Mailbox/get':
      return got(kept.mailboxes, args.ids as Id[] | null, kept.mailboxState);
    case 'Email/get':
      return emails(args, kept);
    case 'Email/query':
      return query(args, kept);
    case 'Thread/get':
      return threads(args.ids as Id[], kept);
  }
  const [type = '', act] = name.split('/');
  // Nothing changes while nobody can tell.
  if (act === 'changes') return unchanged(args.sinceState as string);
  const whole = kept.whole[type];
  return act === 'get' && whole ? got(whole.list, args.ids as Id[] | null, whole.state) : null;
}

function got(all: readonly { id: Id }[], ids: Id[] | null | undefined, state: string | null): Json {
  const list = ids ? all.filter((each) => ids.includes(each.id)) : all;
  const known = new Set(all.map((each) => each.id));
  return { state: state ?? 'local', list, notFound: (ids ?? []).filter((id) => !known.has(id)) };
}

function unchanged(state: string): Json {
  const nothing = { created: [], updated: [], destroyed: [] };
  return { oldState: state, newState: state, hasMoreChanges: false, ...nothing };
}

function emails(args: Json, kept: Kept): Json {
  const ids = (args.ids ?? []) as Id[];
  const list = ids.map((id) => kept.rows.get(id)).filter((row) => row !== undefined);
  const told = args.fetchTextBodyValues ? list.map((row) => withText(row, kept.bodies.get(row.id))) : list;
  return { state: kept.emailState ?? 'local', list: told, notFound: ids.filter((id) => !kept.rows.has(id)) };
}

function withText(row: Email, body: KeptBody | undefined): Json {
  const value = { value: body?.text ?? row.preview, isTruncated: body === undefined };
  return { ...row, textBody: [{ partId: '1', type: 'text/plain' }], bodyValues: { '1': value } };
}

function query(args: Json, kept: Kept): Json {
  const textOf = (id: Id): string => kept.bodies.get(id)?.text ?? '';
  const fitting = [...kept.rows.values()].filter((row) => matches(row, args.filter as EmailFilter | null, textOf));
  const found = inOrder(ordered(fitting, args.collapseThreads === true), args.sort as Sort | undefined);
  let position = (args.position as number | undefined) ?? 0;
  if (args.anchor !== undefined) {
    const at = found.findIndex((row) => row.id === args.anchor);
    position = Math.max(0, at + ((args.anchorOffset as number | undefined) ?? 0));
  }
  const end = position + ((args.limit as number | undefined) ?? found.length);
  const ids = found.slice(position, end).map((row) => row.id);
  return { queryState: 'local', canCalculateChanges: false, position, ids, total: found.length };
}

function threads(ids: Id[], kept: Kept): Json {
  const rows = ordered(kept.rows.values()).reverse();
  const list = ids.map((id) => ({
    id,
    emailIds: rows.filter((row) => row.threadId === id).map((row) => row.id),
  }));
  return { state: 'local', list, notFound: [] };
}
